# SPDX-License-Identifier: GPL-2.0-or-later
"""What n-grams, hashed tables, nested prefixes and smaller numbers do to dictionaries of package descriptions."""
import json

from training_debian import DebianTasks
from training_run import SMALL_HASH_SPACE, lines_of, write_lines
from training_table import Table, count, megabytes, share

NGRAMS = {"no-ngrams": False}
RARER = {**NGRAMS, "ngram-min-count": 3}
HASHED = {"hash-rows": 50000}
VOCABULARIES = {"words": {}, "n-grams": NGRAMS, "n-grams, hashed": {**NGRAMS, **HASHED},
                "n-grams, rarer ones too": RARER, "n-grams, rarer ones too, hashed": {**RARER, **HASHED}}
MIXED = "bm25/max_bm25 + cosine"
PREFIXES = (256, 128, 64, 32)
WHOLE = {"dim": 256}
NESTED = {**WHOLE, "nested": "32,64,128"}


class Collection:
    """The held-out descriptions as documents, and their synopses, as they are and with typos, as queries."""

    def __init__(self, bench, tests):
        self.bench = bench
        rows = [line.split("\t") for line in lines_of(tests.search)]
        # Two packages with one description are one document, as they are one item where vectors alone are judged.
        numbers = {}
        for _, description in rows:
            numbers.setdefault(description, len(numbers))
        self.corpus = write_lines(bench.path("held_out.jsonl"), (
            json.dumps({"_id": str(number), "text": text}) for text, number in numbers.items()))
        self.judgements = write_lines(bench.path("held_out.qrels"), (
            f"{query}\t{numbers[description]}\t1" for query, (_, description) in enumerate(rows)))
        self.queries = {name: write_lines(bench.path(f"{name.replace(' ', '.')}synopses.jsonl"), (
            json.dumps({"_id": str(query), "text": line.split("\t")[0]}) for query, line in enumerate(lines_of(path))))
            for name, path in (("", tests.search), ("typos ", tests.search_typos))}

    def recall(self, dictionary, mode, *arguments):
        """Recall@10 of searches in an index with this dictionary, by name of the queries."""
        index = self.bench.path(f"{dictionary.stem}.db")
        if not index.exists():
            self.bench.vecterm("index", index, "--dict", dictionary, self.corpus)
        return {name: self.bench.vecterm("eval", index, "--queries", queries, "--qrels", self.judgements, "--mode",
                                         mode, *arguments, "--json")[0]["recall@10"]
                for name, queries in self.queries.items()}


class Dictionaries:
    """Trains and converts, and tells what the results are worth."""

    def __init__(self, bench, options):
        self.bench = bench
        self.data = DebianTasks(bench)
        self.collection = Collection(bench, self.data.tests)
        self.options = {**options, **SMALL_HASH_SPACE, **({"epochs": 2} if bench.quick else {})}

    def train(self, name, options):
        self.bench.say(f"ngrams: {name}")
        return self.bench.train(name.replace(" ", "-") + ".dict", {"text-pairs": self.data.pairs},
                                {**self.options, **options}).dictionary

    def convert(self, dictionary, name, *arguments):
        converted = self.bench.path(name + ".dict")
        self.bench.vecterm("dict", "convert", dictionary, "-o", converted, *arguments)
        return converted

    def recall(self, dictionary):
        """Recall@10 of the descriptions by the vectors of their synopses, as they are and with typos."""
        tests = self.data.tests
        return {typos + "R@10": self.bench.pair_recall(dictionary, path)[1]
                for typos, path in (("", tests.search), ("typos ", tests.search_typos))}

    def precision(self, dictionary):
        tests = self.data.tests
        return {typos + "P@1": self.bench.label_precision(dictionary, tests.interests, path)[0]
                for typos, path in (("", tests.labels), ("typos ", tests.labels_typos))}

    def mixed(self, dictionary):
        found = self.collection.recall(dictionary, "mixed", "--rank", MIXED)
        return {typos + "mixed R@10": recall for typos, recall in found.items()}


def vocabulary(dictionaries):
    """Words alone, with bigrams and trigrams, and these in a hashed table."""
    columns = ["R@10", "typos R@10", "mixed R@10", "typos mixed R@10", "P@1", "typos P@1"]
    table = Table(f"debian_tasks, {dictionaries.options['dim']} dimensions: descriptions by their synopsis, interests "
                  "of synopses", {**dict.fromkeys(columns, share), "entries": count, "file": megabytes})
    names = ["words", "n-grams, hashed"] if dictionaries.bench.quick else VOCABULARIES
    trained = {name: dictionaries.train(name, VOCABULARIES[name]) for name in names}
    words = dictionaries.collection.recall(trained["words"], "words")
    table.add("BM25", {typos + "R@10": recall for typos, recall in words.items()})
    for name, dictionary in trained.items():
        found, = dictionaries.bench.vecterm("dict", "info", dictionary, "--json")
        table.add(name, {**dictionaries.recall(dictionary), **dictionaries.mixed(dictionary),
                         **dictionaries.precision(dictionary),
                         "entries": sum(found.get(kind, 0) for kind in ("words", "bigrams", "trigrams")),
                         "file": dictionary.stat().st_size})
    table.remark(f"Mixed: bm25 and cosine by the ranking '{MIXED}'. Typos: in half of the words of 5 letters and more.")
    return table


def prefixes(dictionaries):
    """A dictionary that was trained for being cut beside one that was not."""
    kept = PREFIXES[-1:] if dictionaries.bench.quick else PREFIXES
    table = Table("debian_tasks: Recall@10 of the first dimensions of 256, and in smaller numbers",
                  {str(prefix): share for prefix in kept})
    for name, options in (("cut", WHOLE), ("cut, nested training", NESTED)):
        dictionary = dictionaries.train(name, options)
        table.add(name, {str(prefix): dictionaries.recall(
            dictionaries.convert(dictionary, f"{name}-{prefix}", "--dim", prefix))["R@10"] for prefix in kept})
        for codec in ("float16", "int8") if options is NESTED else ():
            table.add(f"{name}, {codec}", {str(prefix): dictionaries.recall(dictionaries.convert(
                dictionary, f"{codec}-{prefix}", "--dim", prefix, "--codec", codec))["R@10"] for prefix in kept})
    return table


def ngrams(bench, options):
    dictionaries = Dictionaries(bench, options)
    return [vocabulary(dictionaries), prefixes(dictionaries)]
