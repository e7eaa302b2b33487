# SPDX-License-Identifier: GPL-2.0-or-later
"""Descriptions of Debian packages: vecterm beside fastText, and many tasks beside single ones."""
import statistics
import typing

import training_fasttext as fasttext
from training_run import SMALL_HASH_SPACE, WITH_LABELLED, lines_of, share_of, words_per_second, write_lines
from training_table import Table, megabytes, millions, share, times

QUALITY = {"P@1": share, "P@3": share, "typos P@1": share, "typos P@3": share,
           "R@1": share, "R@10": share, "typos R@1": share, "typos R@10": share}
SPEED = {"words/s": millions, "of ns": times, "peak": megabytes}
SPEED_REFERENCE = "fastText supervised, ns"


class Tests(typing.NamedTuple):
    """Files of held-out texts."""
    search: object  # synopsis, description
    search_typos: object
    interests: object  # label, its words
    labels: object  # text, labels
    labels_typos: object
    labelled: object  # text, labels, of the packages that are not held out


def texts_of(path, columns):
    return (line.split("\t")[column] for line in lines_of(path) for column in columns)


class DebianTasks:
    """The data set. A quick run takes an eighth of the training texts."""

    def __init__(self, bench):
        def data(name):
            return bench.data("debian_tasks/" + name)

        def sample(lines):
            return [line for number, line in enumerate(lines) if number % 8 == 0 or not bench.quick]

        self.bench = bench
        self.pairs = write_lines(bench.path("debian.pairs.tsv"), sample(lines_of(data("pairs.text.tsv.gz"))))
        self.fasttext_train = write_lines(bench.path("debian.train.txt"),
                                          sample(lines_of(data("fasttext.train.txt.gz"))))
        labelled = map(fasttext.split_labels, lines_of(self.fasttext_train))
        self.tests = Tests(
            data("test.search.tsv.gz"), data("test.search.typos.tsv.gz"), data("interests.tsv.gz"),
            data("test.labels.tsv.gz"), data("test.labels.typos.tsv.gz"),
            write_lines(bench.path("debian.labelled.tsv"),
                        (text + "\t" + " ".join(labels) for text, labels in labelled)))

    def training_texts(self):
        """The distinct texts of the pairs, in their order."""
        return dict.fromkeys(texts_of(self.pairs, [1, 2]))

    def test_texts(self):
        tests = self.tests
        for path, columns in ((tests.search, [0, 1]), (tests.search_typos, [0, 1]), (tests.interests, [1]),
                              (tests.labels, [0]), (tests.labels_typos, [0]), (tests.labelled, [0])):
            yield from texts_of(path, columns)

    def pair_words(self):
        """Running words of the pairs, which one epoch learns from."""
        return sum(len(text.split()) for text in texts_of(self.pairs, [1, 2]))

    def labelled_words(self):
        """Running words of the texts that the classifier learns from, without their labels."""
        return sum(len(text.split()) for text in texts_of(self.tests.labelled, [0]))

    def fasttext_labels(self, path):
        """A test file of labels as fastText reads it."""
        rows = (line.split("\t") for line in lines_of(path))
        return write_lines(self.bench.path(path.name + ".txt"),
                           fasttext.labelled_lines((text, labels.split()) for text, labels in rows))


def label_figures(bench, dictionary, tests, *arguments):
    figures = {}
    for typos, queries in (("", tests.labels), ("typos ", tests.labels_typos)):
        found = bench.label_precision(dictionary, tests.interests, queries, *arguments)
        figures[typos + "P@1"], figures[typos + "P@3"] = found
    return figures


def search_figures(bench, dictionary, tests):
    figures = {}
    for typos, pairs in (("", tests.search), ("typos ", tests.search_typos)):
        figures[typos + "R@1"], figures[typos + "R@10"] = bench.pair_recall(dictionary, pairs)
    return figures


class Contender(typing.NamedTuple):
    """A way to train: `train(epochs)` gives a Run; `words` are learned from in each epoch."""
    name: str
    train: typing.Callable
    words: int
    few: int
    many: int


def measure_speed(bench, contenders, rounds):
    """Speed and memory of each, by name. The contenders take turns, and are compared with the reference of the same
    round, so that a busy machine slows all of them alike."""
    rates = {contender.name: [] for contender in contenders}
    peaks = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for name, train, words, few, many in contenders:
            bench.say(f"debian_tasks: speed of {name}, round {number + 1} of {rounds}")
            short, long = train(few), train(many)
            rates[name].append(words_per_second(words, (few, short), (many, long)))
            peaks[name].append(long.peak_bytes)
    ratios = {name: [rate / reference for rate, reference in zip(rates[name], rates[SPEED_REFERENCE])]
              for name in rates}
    return {name: {"words/s": statistics.median(rates[name]), "of ns": statistics.median(ratios[name]),
                   "peak": max(peaks[name])} for name in rates}


class Comparison:
    """The rows of the main table."""

    def __init__(self, bench, options, softmax):
        self.bench = bench
        self.data = DebianTasks(bench)
        self.options = {"vecterm": options, "vecterm, softmax": {**options, **softmax}}
        self.supervised = {"fastText supervised, bigrams": fasttext.BIGRAMS,
                           "fastText supervised, subwords": fasttext.SUBWORDS}
        self.skipgram = dict(fasttext.SKIPGRAM)
        if bench.quick:
            self.quicken()

    def quicken(self):
        """Few epochs, and no subwords: fastText takes long for them."""
        self.options = {name: {**options, "epochs": 3} for name, options in self.options.items()}
        self.supervised = {name: {**options, "epoch": 3} for name, options in list(self.supervised.items())[:1]}
        self.skipgram |= {"epoch": 2, "maxn": 0}

    def train_vecterm(self, name, epochs):
        options = {**self.options[name], **SMALL_HASH_SPACE, "epochs": epochs}
        return self.bench.train(name + ".dict", {"text-pairs": self.data.pairs}, options).run

    def train_supervised(self, options, epochs):
        return fasttext.learn(self.bench, "supervised", "speed", self.data.fasttext_train,
                              {**options, "epoch": epochs})[1]

    def train_skipgram(self, texts, epochs):
        return fasttext.learn(self.bench, "skipgram", "skipgram", texts, {**self.skipgram, "epoch": epochs})[1]

    def contenders(self):
        yield Contender(SPEED_REFERENCE, lambda epochs: self.train_supervised(fasttext.SUPERVISED, epochs),
                        self.data.labelled_words(), 1, 5 if self.bench.quick else 26)
        for name, options in self.options.items():
            yield Contender(name, lambda epochs, name=name: self.train_vecterm(name, epochs), self.data.pair_words(), 1,
                            options["epochs"])

    def add_skipgram(self, table):
        """fastText's own vectors of texts, and its words' vectors in a dictionary of vecterm."""
        self.bench.say("debian_tasks: fastText skip-gram")
        texts = write_lines(self.bench.path("skipgram.txt"), self.data.training_texts())
        words = sum(len(line.split()) for line in lines_of(texts))
        runs = [(epochs, self.train_skipgram(texts, epochs)) for epochs in (1, self.skipgram["epoch"])]
        rate = words_per_second(words, *runs)
        model = self.bench.path("skipgram.bin")
        vectors = fasttext.SentenceVectors(self.bench, "skipgram", model, self.data.test_texts())
        original = self.data.tests
        rewritten = Tests(vectors.rewritten(original.search, [0, 1]), vectors.rewritten(original.search_typos, [0, 1]),
                          vectors.rewritten(original.interests, [1]), vectors.rewritten(original.labels, [0]),
                          vectors.rewritten(original.labels_typos, [0]), vectors.rewritten(original.labelled, [0]))
        name = "fastText skip-gram, averaged"
        table.add(name, {**label_figures(self.bench, vectors.dictionary, rewritten),
                         **search_figures(self.bench, vectors.dictionary, rewritten),
                         "words/s": rate, "of ns": rate / self.reference, "peak": runs[1][1].peak_bytes})
        table.add(name + WITH_LABELLED,
                  label_figures(self.bench, vectors.dictionary, rewritten, "--labelled", rewritten.labelled))
        every_text = dict.fromkeys([*self.data.training_texts(), *self.data.test_texts()])
        self.add_dictionary(table, "fastText skip-gram, imported",
                            fasttext.import_with_subwords(self.bench, "imported", model, every_text), {})

    def add_supervised(self, table, name, options, speed=None):
        self.bench.say(f"debian_tasks: {name}")
        model, done = fasttext.learn(self.bench, "supervised", "supervised", self.data.fasttext_train, options)
        figures = dict(speed or {"peak": done.peak_bytes})
        for typos, path in (("", self.data.tests.labels), ("typos ", self.data.tests.labels_typos)):
            queries = self.data.fasttext_labels(path)
            figures |= {f"{typos}P@{k}": fasttext.precision(self.bench, model, queries, k) for k in (1, 3)}
        table.add(name, figures)

    def add_dictionary(self, table, name, dictionary, speed):
        self.bench.say(f"debian_tasks: evaluation of {name}")
        tests = self.data.tests
        table.add(name, {**label_figures(self.bench, dictionary, tests),
                         **search_figures(self.bench, dictionary, tests), **speed})
        table.add(name + WITH_LABELLED,
                  label_figures(self.bench, dictionary, tests, "--labelled", tests.labelled))

    def table(self):
        table = Table("debian_tasks, 100 dimensions: P@k of interests, R@k of descriptions by their synopsis",
                      {**QUALITY, **SPEED})
        speed = measure_speed(self.bench, list(self.contenders()), 1 if self.bench.quick else 3)
        self.reference = speed[SPEED_REFERENCE]["words/s"]
        self.add_skipgram(table)
        self.add_supervised(table, SPEED_REFERENCE, fasttext.SUPERVISED, speed[SPEED_REFERENCE])
        for name, options in self.supervised.items():
            self.add_supervised(table, name, options)
        for name in self.options:
            self.add_dictionary(table, name, self.bench.path(name + ".dict"), speed[name])
        table.remark("words/s: running words that one thread learns from in a second of its CPU time, by runs of few "
                     "and of many epochs (labels are not counted).")
        table.remark(f"of ns: that beside {SPEED_REFERENCE}, which reads its text anew in each epoch.")
        table.remark("fastText supervised learns a softmax, with options tuned on the test texts, but for the row ns: "
                     "its defaults.")
        table.remark("peak: most anonymous memory of a run of many epochs, with a hash space of 8 hyperplanes.")
        table.remark("With labelled texts: these, not descriptions alone, tell the labels; fastText supervised learns "
                     "from the same ones.")
        table.remark("The imported skip-gram knows the words of the test texts by their subwords, and weighs words.")
        return table


def debian_tasks(bench, options, softmax):
    return [Comparison(bench, options, softmax).table()]


def without(tasks):
    """Options that leave tasks out."""
    return {"ratio": [f"{task}=0" for task in tasks]} if tasks else {}


def is_held_out(pair):
    """Whether a pair is of a package in the twentieth, by the hash of its description, that is held out."""
    task, query, item = pair.split("\t")
    return share_of(query if task == "related" else item, 20) == 0


def multitask(bench, options):
    """Each task alone beside all tasks over one dictionary, as in PinText (Zhuang and Liu, KDD 2019)."""
    data = DebianTasks(bench)
    lines = list(lines_of(data.pairs))
    training = write_lines(bench.path("multitask.tsv"), (line for line in lines if not is_held_out(line)))
    related = write_lines(bench.path("related.tsv"),
                          (line for line in lines if line.startswith("related\t") and is_held_out(line)))
    tasks = sorted({line.partition("\t")[0] for line in lines})
    columns = ["search R@10", "search typos R@10", "interest P@1", "interest P@3", "related R@10"]
    table = Table("debian_tasks: one task alone, and all of them", dict.fromkeys([*columns, "mean"], share))
    means = {}
    for name, left_out in [(task, [other for other in tasks if other != task]) for task in tasks] + [("all tasks", [])]:
        bench.say(f"multitask: {name}")
        quick = {"epochs": 2} if bench.quick else {}
        dictionary = bench.train("multitask.dict", {"text-pairs": training},
                                 {**options, **quick, **SMALL_HASH_SPACE, **without(left_out)}).dictionary
        figures = [bench.pair_recall(dictionary, data.tests.search)[1],
                   bench.pair_recall(dictionary, data.tests.search_typos)[1],
                   *bench.label_precision(dictionary, data.tests.interests, data.tests.labels),
                   bench.pair_recall(dictionary, related)[1]]
        means[name] = statistics.mean(figures)
        table.add(name, {**dict(zip(columns, figures)), "mean": means[name]})
    best = max((task for task in means if task != "all tasks"), key=means.get)
    verdict = "better than" if means["all tasks"] > means[best] else "NOT better than"
    table.remark(f"All tasks together are {verdict} the best single one ({best}) on the mean: "
                 f"{means['all tasks']:.3f} and {means[best]:.3f}.")
    table.remark("A twentieth of the descriptions, by hash, is left out of training here; related R@10 is of the "
                 f"{sum(1 for _ in lines_of(related))} pairs of that task among them.")
    return [table]
