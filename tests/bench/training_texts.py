# SPDX-License-Identifier: GPL-2.0-or-later
"""Dictionaries of texts alone on judged sets, and beside the sets' own pairs."""
import json

from training_run import as_arguments, run
from training_sets import held_out_books
from training_table import Table, seconds, share

WEIGHTS = (.3, .4, .5, .6, .8, 1)  # of the cosine
SETS = ("cranfield", "cacm", "npl", "adi", "chorus_icecat", "stackexchange_small")
WAYS = {"texts alone": {}, "own pairs": {"own-pairs": True},
        "own pairs beside texts": {"own-pairs": True, "method": "both"}}
WORDS = {"no-ngrams": True}
PAIRS = {"words": WORDS, "words beside texts": {**WORDS, "method": "both"}, "n-grams": {},
         "n-grams beside texts": {"method": "both"}}
FIGURES = {"words": {"mode": "words"}, "vector": {"mode": "vector"}, "default": {},
           **{f"+ {weight} cosine": {"rank": f"bm25/max_bm25 + {weight}*cosine"} for weight in WEIGHTS}}


class Judged:
    """A set's documents, queries and judgements."""

    def __init__(self, bench, name, corpus=None, judgements=None, queries="queries.jsonl.gz", fields="title,text"):
        self.bench = bench
        self.name = name
        self.learned = bench.data(f"{name}/corpus.jsonl.gz")
        self.corpus = corpus or self.learned
        self.fields = fields
        meta = bench.data(f"{name}/meta.json")
        self.judging = {"queries": bench.data(f"{name}/{queries}"),
                        "qrels": judgements or bench.data(f"{name}/qrels.tsv.gz"),
                        "rel-min": json.loads(meta.read_text(encoding="utf-8")).get("rel_min", 1)}

    def ndcg(self, way, options, pairs=None):
        """nDCG@10 by name of the figure, and the seconds that learning took, unless other queries needed it before."""
        self.bench.say(f"texts: {self.name}, {way}")
        dictionary, index = (self.bench.path(f"{self.name}.{way.replace(' ', '-')}.{kind}") for kind in ("dict", "db"))
        seconds_taken = None
        if not index.exists():
            inputs = {"corpus": self.learned, **({"pairs": pairs} if pairs else {}), **options}
            learned = run([self.bench.vecterm_path, "train", "-o", dictionary, *as_arguments(inputs)])
            seconds_taken = learned.cpu_seconds
            self.bench.vecterm("index", index, "--dict", dictionary, "--fields", self.fields, "--", self.corpus)
        found = {name: self.bench.vecterm("eval", index, *as_arguments({**self.judging, **figure}), "--json")[0]["ndcg@10"]
                 for name, figure in FIGURES.items()}
        return {**found, "learning": seconds_taken}


def columns():
    return {**dict.fromkeys(FIGURES, share), "learning": seconds}


def leave_one_out(found):
    """Of each set the gain over words by the weight that is best on all others, in shares of the words' figure."""
    gains = []
    for name, figures in found.items():
        others = [other for other_name, other in found.items() if other_name != name]
        best = max(WEIGHTS, key=lambda weight: sum(other[f"+ {weight} cosine"] for other in others))
        gains.append((name, best, figures[f"+ {best} cosine"], figures["words"]))
    return gains


def without_pairs(bench):
    names = SETS[3:4] if bench.quick else SETS
    judged = {name: Judged(bench, name) for name in names}
    for way, options in WAYS.items():
        table = Table(f"{way}: nDCG@10", columns())
        found = {name: one.ndcg(way, options) for name, one in judged.items()}
        for name, figures in found.items():
            table.add(name, figures)
        table.add("mean", {name: sum(figures[name] for figures in found.values()) / len(found) for name in FIGURES})
        if len(found) > 1:
            gains = leave_one_out(found)
            mean = sum(gain for *_, gain, _ in gains) / sum(words for *_, words in gains) - 1
            table.remark(f"With the weight that is best on the other sets: mean {100 * mean:+.1f} % of words; " +
                         ", ".join(f"{name} {gain - words:+.3f} ({weight})" for name, weight, gain, words in gains))
        yield table


def with_pairs(bench):
    """Sets with engagement of their own."""
    books, judgements = held_out_books(bench)
    judged = {"stackexchange_small": Judged(bench, "stackexchange_small"),
              "goodbooks, held out": Judged(bench, "goodbooks", books, judgements),
              "debian": Judged(bench, "debian", fields="text"),
              "debian, related": Judged(bench, "debian", None, bench.data("debian/qrels.related.tsv.gz"),
                                        "queries.related.jsonl.gz", "text")}
    for name, one in judged.items():
        table = Table(f"{name}: nDCG@10 with the set's own pairs", columns())
        for way, options in PAIRS.items():
            table.add(way, one.ndcg(way, options, bench.data(f"{one.name}/pairs.tsv.gz")))
        yield table


def texts(bench):
    return [*without_pairs(bench), *([] if bench.quick else with_pairs(bench))]
