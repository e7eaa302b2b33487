# SPDX-License-Identifier: GPL-2.0-or-later
"""Other sets: books that training has not seen, and texts with labels."""
import collections
import json
import typing

import training_fasttext as fasttext
from training_run import SMALL_HASH_SPACE, WITH_LABELLED, lines_of, share_of, write_lines
from training_table import Table, count, share

WANDS_FOLDS = 5
PARTNERS = 3  # texts of the same label that each text is paired with


def held_out_books(bench):
    """The corpus of held-out books, and the judgements of queries that have at least 3 of them."""
    books = set(lines_of(bench.data("goodbooks/heldout_docs.txt.gz")))
    corpus = write_lines(bench.path("books.jsonl"), (line for line in lines_of(bench.data("goodbooks/corpus.jsonl.gz"))
                                                     if json.loads(line)["_id"] in books))
    by_query = collections.defaultdict(list)
    for line in lines_of(bench.data("goodbooks/qrels.tsv.gz")):
        query, book, _ = line.split("\t")
        if book in books:
            by_query[query].append(line)
    judgements = [line for lines in by_query.values() if len(lines) >= 3 for line in lines]
    return corpus, write_lines(bench.path("books.qrels.tsv"), ["query-id\tcorpus-id\tscore", *judgements])


def goodbooks(bench, options):
    """Shelf names find books that are in no training pair."""
    bench.say("goodbooks: training")
    inputs = {"pairs": bench.data("goodbooks/pairs.tsv.gz"), "corpus": bench.data("goodbooks/corpus.jsonl.gz")}
    dictionary = bench.train("books.dict", inputs, {**options, **({"epochs": 1} if bench.quick else {})}).dictionary
    corpus, judgements = held_out_books(bench)
    bench.say("goodbooks: evaluation")
    bench.vecterm("index", bench.path("books.db"), "--dict", dictionary, corpus)
    table = Table("goodbooks: shelf name -> held-out books", {"Recall@100": share, "nDCG@10": share, "queries": count})
    for name, mode in (("words (BM25)", "words"), ("vecterm", "vector"), ("mixed", "mixed")):
        found, = bench.vecterm("eval", bench.path("books.db"), "--queries", bench.data("goodbooks/queries.jsonl.gz"),
                               "--qrels", judgements, "--mode", mode, "--json")
        table.add(name, {"Recall@100": found["recall@100"], "nDCG@10": found["ndcg@10"], "queries": found["queries"]})
    return [table]


class LabelledSplit(typing.NamedTuple):
    """Texts with one label each, (text, label)."""
    train: list
    test: list


def in_words(label):
    """The words of a label's name, which are its description."""
    return label.replace("_", " ")


def banking77(bench):
    """The set's own split."""
    rows = [line.split("\t") for line in lines_of(bench.data("labels_banking77/labels.tsv.gz"))]
    return [LabelledSplit(*([(text, label) for text, label, split in rows if split == wanted]
                            for wanted in ("train", "test")))]


def wands(bench):
    """The set has no split: as many as there are folds, by the hash of the text."""
    rows = [tuple(line.split("\t")) for line in lines_of(bench.data("labels_wands/labels.tsv.gz"))]
    return [LabelledSplit([row for row in rows if share_of(row[0], WANDS_FOLDS) != fold],
                          [row for row in rows if share_of(row[0], WANDS_FOLDS) == fold])
            for fold in range(1 if bench.quick else WANDS_FOLDS)]


def training_pairs(texts):
    """Task interest: label -> text; task same: text -> the next texts of the label."""
    by_label = collections.defaultdict(list)
    for text, label in texts:
        by_label[label].append(text)
    for label, members in by_label.items():
        for number, text in enumerate(members):
            yield f"interest\t{in_words(label)}\t{text}"
            for step in range(1, min(PARTNERS + 1, len(members))):
                yield f"same\t{text}\t{members[(number + step) % len(members)]}"


class LabelFiles:
    """A split as files for vecterm and for fastText, which gets the same words."""

    def __init__(self, bench, split):
        labels = sorted({label for _, label in split.train + split.test})
        self.labels = write_lines(bench.path("labels.tsv"), (f"{label}\t{in_words(label)}" for label in labels))
        self.train, self.test = (write_lines(bench.path(f"labels.{name}.tsv"), map("\t".join, rows))
                                 for name, rows in zip(("train", "test"), split))
        self.pairs = write_lines(bench.path("labels.pairs.tsv"), training_pairs(split.train))
        self.fasttext_train, self.fasttext_test = (
            write_lines(bench.path(f"labels.{name}.txt"),
                        fasttext.labelled_lines((fasttext.plain_words(text), [label]) for text, label in rows))
            for name, rows in zip(("train", "test"), split))


def dictionary_rows(bench, name, dictionary, files):
    for suffix, arguments in (("", []), (WITH_LABELLED, ["--labelled", files.train])):
        yield name + suffix, bench.label_precision(dictionary, files.labels, files.test, "--one-label", *arguments)


def judged(bench, split, glove, options):
    """Yields (name, (P@1, P@3)) of each way to tell the labels of a split."""
    files = LabelFiles(bench, split)
    small = {"epoch": 5} if bench.quick else fasttext.SMALL_SET
    for name, settings in (("bigrams", fasttext.BIGRAMS), ("bigrams, subwords", fasttext.SUBWORDS)):
        name = "fastText supervised, " + name
        model, _ = fasttext.learn(bench, "supervised", "labels", files.fasttext_train, {**settings, **small})
        yield name, tuple(fasttext.precision(bench, model, files.fasttext_test, k) for k in (1, 3))
    yield from dictionary_rows(bench, "GloVe averages", glove, files)
    options = {**options, **SMALL_HASH_SPACE, **({"epochs": 2} if bench.quick else {})}
    dictionary = bench.train("labels.dict", {"text-pairs": files.pairs}, options).dictionary
    yield from dictionary_rows(bench, "vecterm", dictionary, files)


def mean_precision(results):
    """Of (number of texts, (P@1, P@3))."""
    texts = sum(number for number, _ in results)
    return {f"P@{k}": sum(number * found[column] for number, found in results) / texts
            for column, k in enumerate((1, 3))}


def labels(bench, options):
    """Labels of short texts, by classifiers, public vectors, and vectors learned from the labelled texts."""
    glove = bench.path("glove.dict")
    bench.vecterm("dict", "import", bench.data("vectors/glove_100d_10k.vec.gz"), "-o", glove)
    tables = []
    for name, splits in (("labels_banking77", banking77(bench)), ("labels_wands", wands(bench))):
        table = Table(f"{name}: labels of texts", {"P@1": share, "P@3": share})
        results = collections.defaultdict(list)
        for fold, split in enumerate(splits):
            bench.say(f"labels: {name}, split {fold + 1} of {len(splits)}")
            for method, found in judged(bench, split, glove, options):
                results[method].append((len(split.test), found))
        for method, found in results.items():
            table.add(method, mean_precision(found))
        table.remark(f"{sum(len(split.test) for split in splits)} texts are judged; "
                     f"{len(splits[0].train)} are learned from.")
        if name == "labels_wands":
            seen = sum(label in {label for _, label in split.train} for split in splits for _, label in split.test)
            table.remark(f"The set has no split: by the hash of the text each is in one of {WANDS_FOLDS} parts, and "
                         f"the other parts are learned from. {seen} texts have a label that is learned from.")
        tables.append(table)
    return tables
