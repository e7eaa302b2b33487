# SPDX-License-Identifier: GPL-2.0-or-later
"""fastText as a baseline: its classifier, and its vectors of texts, judged by the evaluators of vecterm."""
import json
import re

from training_run import SMALL_HASH_SPACE, as_arguments, lines_of, write_lines

PREFIX = "__label__"

SKIPGRAM = {"dim": 100, "epoch": 5, "minCount": 2, "seed": 1}
SUPERVISED = {"dim": 100, "epoch": 5, "loss": "ns", "seed": 1}  # its own defaults but for the loss
# The best that were found by hand, on the texts for testing; what fastText gains by that is its own.
TUNED = {"dim": 100, "epoch": 10, "lr": 1.0, "loss": "softmax", "bucket": 200000, "seed": 1}
BIGRAMS = {**TUNED, "wordNgrams": 2}
SUBWORDS = {**TUNED, "minn": 3, "maxn": 5}
SMALL_SET = {"epoch": 100, "wordNgrams": 2}  # beside those, for some thousand short texts


def learn(bench, kind, name, texts, options):
    """Runs `fasttext skipgram` or `fasttext supervised` on one thread. Returns the model's path and the run."""
    arguments = [part.replace("--", "-", 1) for part in as_arguments({**options, "thread": 1, "verbose": 0})]
    done = bench.fasttext(kind, "-input", texts, "-output", bench.path(name), *arguments)
    return bench.path(name + ".bin"), done


def precision(bench, model, texts, k):
    """P@k as `fasttext test` gives it."""
    return float(re.search(rf"^P@{k}\s+(\S+)$", bench.fasttext("test", model, texts, k).stdout, re.MULTILINE)[1])


def plain_words(text):
    """Lower case without punctuation, which fastText leaves to its users."""
    return " ".join(re.findall(r"\w+", text.lower()))


def labelled_lines(pairs):
    """(text, labels) as fastText reads them; a label holds no spaces there."""
    for text, labels in pairs:
        yield " ".join([PREFIX + re.sub(r"\s+", "_", label) for label in labels] + [text])


def split_labels(line):
    """A line that fastText reads, as its text and its labels."""
    words = line.split(" ")
    labels = [word for word in words if word.startswith(PREFIX)]
    return " ".join(words[len(labels):]), [label[len(PREFIX):] for label in labels]


def import_with_subwords(bench, name, model, texts):
    """The model's words as a dictionary, with vectors of subwords for what else occurs in the texts."""
    corpus = write_lines(bench.path(name + ".jsonl"), (json.dumps({"_id": str(number), "text": text})
                                                       for number, text in enumerate(texts)))
    dictionary = bench.path(name + ".dict")
    bench.vecterm("dict", "import", model, "-o", dictionary, "--format", "fasttext", "--corpus", corpus,
                  *as_arguments(SMALL_HASH_SPACE))
    return dictionary


class SentenceVectors:
    """The vectors that `fasttext print-sentence-vectors` gives texts, as a dictionary that vecterm can judge: each text
    is one made-up word there, and files of texts are rewritten to these words."""

    def __init__(self, bench, name, model, texts):
        self.bench = bench
        self.name = name
        self.words = {}
        for text in texts:
            self.words.setdefault(text, f"t{len(self.words)}")
        source = write_lines(bench.path(name + ".texts"), self.words)
        vectors = bench.fasttext("print-sentence-vectors", model, stdin=source).stdout.splitlines()
        # A text without a known word has the vector 0; it is no word of the dictionary then.
        rows = [f"{word} {vector.strip()}" for word, vector in zip(self.words.values(), vectors, strict=True)
                if any(map(float, vector.split()))]
        dimensions = len(rows[0].split()) - 1
        file = write_lines(bench.path(name + ".vec"), [f"{len(rows)} {dimensions}", *rows])
        self.dictionary = bench.path(name + ".dict")
        bench.vecterm("dict", "import", file, "-o", self.dictionary, *as_arguments(SMALL_HASH_SPACE))

    def rewritten(self, path, columns):
        """A copy of a file in which these columns of texts are made-up words."""
        def rewrite(line):
            cells = line.split("\t")
            for column in columns:
                cells[column] = self.words[cells[column]]
            return "\t".join(cells)
        return write_lines(self.bench.path(f"{self.name}.{path.name}.tsv"), map(rewrite, lines_of(path)))
