# SPDX-License-Identifier: GPL-2.0-or-later
"""Items that have titles and the queries that led to them, beside items that have their text alone.

A fifth of the queries, by the hash of their text, is held out with all their pairs: training and the log of `vecterm
enrich` have the others, and what the held-out queries' pairs say is judged. So items have engaged queries, and none of
them is judged.

A pair's own query must not be among its item's queries while it is learned from, for then training sees that it is
there. So the queries that are learned from fall into two halves, again by their hash, and each item stands in three
corpora: without queries, and with those of either half. A pair is learned from with the item without queries, and with
the one that has those of the other half.
"""
import json
import shutil
import typing

from training_run import SMALL_HASH_SPACE, lines_of, share_of, write_lines
from training_sets import held_out_books
from training_table import Table, share

PARTS = 5  # of the queries, one of them held out
WITHOUT_QUERIES = 2  # what a copy of an item is marked with, beside the half that it lacks: 0 or 1
NEW_ITEMS = "items without queries"
OLD_ITEMS = "set's own queries, items with queries"


class Recipe(typing.NamedTuple):
    """What was chosen for a data set on a validation split of the pairs that are learned from."""
    titles: bool  # whether the items have any
    weight: int  # of the queries' field
    epochs: int
    copies_epochs: int  # where each pair is there twice


RECIPES = {"stackexchange_small": Recipe(titles=False, weight=4, epochs=20, copies_epochs=10),
           "goodbooks": Recipe(titles=True, weight=1, epochs=20, copies_epochs=5)}


class Pair(typing.NamedTuple):
    task: str
    query: str
    item: str


def half_of(pair):
    return share_of("half " + pair.query, 2)


class Set:
    """A data set, split; and what its items are enriched with."""

    def __init__(self, bench, name, options):
        self.bench = bench
        self.name = name
        self.options = {**options, **SMALL_HASH_SPACE}
        items = {json.loads(line)["_id"]: line for line in lines_of(bench.data(f"{name}/corpus.jsonl.gz"))}
        if bench.quick:
            items = {item: line for item, line in items.items() if share_of(item, 8) == 0}
        self.corpus = write_lines(self.path("corpus.jsonl"), items.values())
        pairs = [Pair(*line.split("\t")) for line in lines_of(bench.data(f"{name}/pairs.tsv.gz"))]
        pairs = [pair for pair in pairs if pair.item in items]
        self.judged = [pair for pair in pairs if share_of(pair.query, PARTS) == 0]
        self.learned = [pair for pair in pairs if share_of(pair.query, PARTS) != 0]
        self.tasks = sorted({pair.task for pair in pairs})
        self.enriched = self.enrich("enriched", self.corpus, self.learned)

    def path(self, name):
        return self.bench.path(f"{self.name}.{name}")

    def enrich(self, name, corpus, pairs):
        """The corpus with the pairs' queries."""
        log = write_lines(self.path("log.tsv"), (f"{pair.query}\t{pair.item}\t{pair.task}\t1" for pair in pairs))
        self.bench.vecterm("enrich", corpus, "--log", log, "--action", *(f"{task}=1" for task in self.tasks),
                           "-o", self.path(name + ".jsonl"), "--json")
        return self.path(name + ".jsonl")

    def copies(self):
        """Three corpora of items whose ids say which half of the queries they lack, and pairs that go with them."""
        corpora, pairs = [], []
        for mark in (0, 1, WITHOUT_QUERIES):
            items = (json.loads(line) for line in lines_of(self.corpus))
            corpus = write_lines(self.path(f"copy{mark}.jsonl"),
                                 (json.dumps({**item, "_id": f"{item['_id']}/{mark}"}) for item in items))
            queries = [pair._replace(item=f"{pair.item}/{mark}") for pair in self.learned
                       if mark != WITHOUT_QUERIES and half_of(pair) != mark]
            corpora.append(self.enrich(f"copy{mark}.enriched", corpus, queries))
            pairs += [pair._replace(item=f"{pair.item}/{mark}") for pair in self.learned
                      if mark in (half_of(pair), WITHOUT_QUERIES)]
        return corpora, pairs

    def train(self, corpora, pairs, fields, epochs):
        inputs = {"pairs": write_lines(self.path("pairs.tsv"), map("\t".join, pairs)), "corpus": corpora}
        options = {**self.options, "fields": fields, "epochs": 1 if self.bench.quick else epochs}
        return self.bench.train(f"{self.name}.dict", inputs, options).dictionary

    def judgements(self, task=None):
        """Files of the held-out queries, of one task or all, and of the items that their pairs name."""
        pairs = [pair for pair in self.judged if task in (None, pair.task)]
        numbers = {query: str(number) for number, query in enumerate(sorted({pair.query for pair in pairs}))}
        queries = write_lines(self.path("queries.jsonl"), (json.dumps({"_id": number, "text": query})
                                                           for query, number in numbers.items()))
        judged = sorted({(numbers[pair.query], pair.item) for pair in pairs})
        return queries, write_lines(self.path("qrels.tsv"), (f"{query}\t{item}\t1" for query, item in judged))

    def new_items(self):
        """Corpus, queries and judgements of items that are in no pair with a query of theirs."""
        queries = self.bench.data(self.name + "/queries.jsonl.gz")
        if self.name == "goodbooks":
            corpus, judgements = held_out_books(self.bench)
            return corpus, queries, judgements
        return self.enriched, queries, self.bench.data(self.name + "/qrels.tsv.gz")

    def old_items(self):
        """Corpus, queries and judgements of the set's own held-out queries, among items that have queries of pairs."""
        items = {pair.item for pair in self.learned}
        corpus = write_lines(self.path("old.jsonl"), (line for line in lines_of(self.enriched)
                                                      if json.loads(line)["_id"] in items))
        head, *rows = lines_of(self.bench.data(self.name + "/qrels.tsv.gz"))
        judgements = write_lines(self.path("old.qrels"), [head, *(row for row in rows if row.split("\t")[1] in items)])
        return corpus, self.bench.data(self.name + "/queries.jsonl.gz"), judgements

    def index(self, dictionary, corpus, fields):
        index = self.path("db")
        shutil.rmtree(index, ignore_errors=True)
        self.bench.vecterm("index", index, "--dict", dictionary, corpus, "--fields", fields)
        return index

    def ndcg(self, index, queries, judgements, mode="vector"):
        found, = self.bench.vecterm("eval", index, "--queries", queries, "--qrels", judgements, "--mode", mode, "--json")
        return found["ndcg@10"]

    def figures(self, dictionary, fields):
        index = self.index(dictionary, self.enriched, fields)
        found = {"vectors": self.ndcg(index, *self.judgements())}
        found |= {f"of {task}": self.ndcg(index, *self.judgements(task)) for task in self.tasks}
        found["words"] = self.ndcg(index, *self.judgements(), mode="words")
        corpus, queries, judgements = self.new_items()
        if corpus != self.enriched:
            index = self.index(dictionary, corpus, fields)
        found[NEW_ITEMS] = self.ndcg(index, queries, judgements)
        if self.name != "goodbooks":  # whose queries are those of the pairs
            corpus, queries, judgements = self.old_items()
            found[OLD_ITEMS] = self.ndcg(self.index(dictionary, corpus, fields), queries, judgements)
        return found


def compare(bench, name, recipe, options):
    """The table of a data set."""
    data = Set(bench, name, options)
    columns = ["vectors", *(f"of {task}" for task in data.tasks), "words", NEW_ITEMS, OLD_ITEMS]
    table = Table(f"{name}: held-out queries, nDCG@10", dict.fromkeys(columns, share))

    def add(row, dictionary, fields):
        bench.say(f"{name}: {row}")
        table.add(row, data.figures(dictionary, fields))

    def learned(fields):
        return data.train([data.enriched], data.learned, fields, recipe.epochs)

    own = "title,text" if recipe.titles else "text"
    queries = f"{own},queries:{recipe.weight}"
    if recipe.titles:
        add("text", learned("text"), "text")
    dictionary = learned(own)
    add(own.replace(",", ", "), dictionary, own)
    add("+ engaged queries, learned without", dictionary, queries)
    add("+ engaged queries, learned with the pair's own", learned(queries), queries)
    add("+ engaged queries, learned with others", data.train(*data.copies(), queries, recipe.copies_epochs), queries)
    table.remark(f"Of {len(data.judged) + len(data.learned)} pairs {len(data.judged)} are judged, those of "
                 f"{len({pair.query for pair in data.judged})} queries; none of their queries is learned from or among "
                 f"an item's. Weight of the field: {recipe.weight}.")
    return table


def enrichment(bench, options):
    """A quick run takes an eighth of the items."""
    return [compare(bench, name, recipe, options[name]) for name, recipe in RECIPES.items()]
