#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the benchmark relevance runs, on cacm with a small dictionary, and what it writes. The programs relevance and
vecterm are the arguments. Exit code 77 where the data sets are absent."""
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

CORPUS = pathlib.Path(os.environ.get("VECTERM_DATA") or pathlib.Path(__file__).parents[4] / "shared" / "data",
                      "cacm", "corpus.jsonl.gz")
RELEVANCE = VECTERM = ""
RANKINGS = ["words", "vector", "bm25 + 10*cosine", "bm25/max_bm25 + 0.5*cosine", "minmax(bm25) + minmax(cosine)",
            "rrf(60)", "default profile", "fitted profile"]
ESTIMATES = ["ndcg@10", "ndcg@10_gain", "recall@100", "recall@100_gain"]


def run(*arguments, **environment):
    return subprocess.run(list(map(str, arguments)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, env=os.environ | environment)


def write_dictionary(folder):
    """Learns words from titles and their documents."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as corpus, \
            open(folder / "pairs.tsv", "w", encoding="utf-8") as pairs:
        for document in map(json.loads, corpus):
            if title := " ".join(document["title"].split()):
                pairs.write(f"search\t{title}\t{document['_id']}\n")
    done = run(VECTERM, "train", "--corpus", CORPUS, "--pairs", folder / "pairs.tsv", "--epochs", 2, "--output",
               folder / "dict")
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class RelevanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        write_dictionary(cls.folder)
        cls.first = cls.relevance("--bars", "--json", cls.folder / "all.jsonl", "--plot", cls.folder / "all.svg")
        cls.lines = (cls.folder / "all.jsonl").read_text(encoding="utf-8")
        cls.of = {line["ranking"]: line for line in map(json.loads, cls.lines.splitlines())}

    @classmethod
    def relevance(cls, *arguments):
        done = run(RELEVANCE, "--sets", "cacm", "--dictionary", cls.folder / "dict", "--work", cls.folder / "work",
                   *arguments)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done

    def test_every_ranking_has_an_interval_around_every_figure(self):
        self.assertEqual(list(self.of), RANKINGS)
        for ranking, line in self.of.items():
            self.assertEqual((line["set"], line["queries"]), ("cacm", 52))
            for name in ESTIMATES:
                low, mean, high = (line[name][key] for key in ("low", "mean", "high"))
                self.assertTrue(low < mean < high or (ranking == "words" and low == mean == high == 0), (ranking, name))

    def test_words_alone_score_as_stock_xapian_does(self):
        self.assertAlmostEqual(self.of["words"]["ndcg@10"]["mean"], 0.449, delta=0.0006)

    def test_differences_are_those_of_the_means_with_narrower_intervals_where_rankings_resemble_words(self):
        def width(estimate):
            return estimate["high"] - estimate["low"]
        words, default = self.of["words"], self.of["default profile"]
        for name in "ndcg@10", "recall@100":
            self.assertAlmostEqual(default[name + "_gain"]["mean"], default[name]["mean"] - words[name]["mean"])
            self.assertLess(width(default[name + "_gain"]), width(default[name]) / 2)

    def test_the_table_the_bars_and_a_picture_are_there(self):
        for ranking in RANKINGS:
            self.assertIn(f"\n{ranking} ", self.first.stdout)
        self.assertRegex(self.first.stdout, r"cacm: nDCG@10, default profile - words +-?[0-9.]+ \(>= -0.0050\) met")
        self.assertRegex(self.first.stdout, r"goodbooks: nDCG@10, fitted profile - vector +-\n")
        self.assertIn("</svg>", (self.folder / "all.svg").read_text(encoding="utf-8"))

    def test_what_was_built_is_used_again_and_gives_the_same_figures(self):
        self.assertIn("indexing", self.first.stderr)
        again = self.relevance("--json", "-")
        self.assertNotIn("indexing", again.stderr)
        self.assertEqual(again.stdout, self.lines)

    def test_missing_data_are_named_and_nothing_is_measured(self):
        done = run(RELEVANCE, VECTERM_DATA="/nowhere")
        self.assertEqual(done.returncode, 77)
        self.assertIn("/nowhere/stackexchange_small", done.stderr)


if __name__ == "__main__":
    VECTERM, RELEVANCE = sys.argv.pop(), sys.argv.pop()
    if not CORPUS.exists():
        print(f"skipped: no shared data at {CORPUS}; set VECTERM_DATA")
        sys.exit(77)
    unittest.main()
