# SPDX-License-Identifier: GPL-2.0-or-later
"""tune, and what it changes in search."""

import json
import os
import shutil

import support
from support import QUERIES, json_lines


class Tune(support.IndexedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        queries = [text for texts in QUERIES.values() for text in texts]
        cls.write("queries.jsonl", json_lines({"_id": str(i), "text": text} for i, text in enumerate(queries)))
        shutil.copytree(cls.path("docs.db"), cls.path("tuned.db"))
        cls.tuned = cls.tune("tuned.db", "--queries", "queries.jsonl", "--recall", "0.9")

    @classmethod
    def tune(cls, *arguments):
        return json.loads(cls.vecterm("tune", *arguments, "--json"))

    def explain(self, *arguments):
        lines = self.vecterm("search", *arguments, "--explain", "--json").splitlines()
        return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]

    def test_json_has_the_limits_chosen_and_the_curve(self):
        self.assertEqual((self.tuned["recall"], self.tuned["k"], self.tuned["queries"]), (0.9, 10, 24))
        chosen = [point for point in self.tuned["curve"] if point["recall"] >= 0.9][0]
        self.assertEqual((self.tuned["most"], self.tuned["reach"]), (chosen["most"], chosen["reach"]))
        for point in self.tuned["curve"]:
            self.assertEqual(set(point), {"most", "reach", "recall", "probes", "postings", "candidates",
                                          "microseconds"})

    def test_the_table_marks_what_was_chosen(self):
        done = self.run_program("tune", "docs.db", "--dry-run", "--sample", "20", "-k", "3")
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[0].split(), ["recall", "probes", "postings", "candidates", "CPU", "us", "most", "reach"])
        self.assertEqual(len([line for line in lines if line.startswith("*")]), 1)
        self.assertRegex(done.stderr.decode(), r"^vecterm: recall \S+ of 20 queries .*; nothing was stored\n$")

    def test_a_dry_run_stores_nothing(self):
        before = self.read("docs.db/iamglass")
        self.tune("docs.db", "--dry-run")
        self.assertEqual(self.read("docs.db/iamglass"), before)
        self.check_failure(3, "search", "docs.db", "films", "--recall", "0.9", says="vecterm tune DB")

    def test_searches_aim_at_what_was_tuned(self):
        self.assertEqual(len(self.hits("tuned.db", "movies", "--recall", "0.8")), 10)
        report, hits = self.explain("tuned.db", "movies", "--mode", "vector", "--plan", "probe")
        self.assertEqual(report["plan"], "probe")
        self.assertGreaterEqual(report["recall"], 0.9)
        self.assertLessEqual(report["probes"], self.tuned["most"])
        self.assertTrue(any(hit["tokens"] for hit in hits))
        self.check_failure(2, "search", "tuned.db", "films", "--recall", "1.5", says="recall must be in (0, 1]; was 1.5")
        self.check_failure(2, "search", "tuned.db", "films", "--recall", "0.5", "--probes", "3", says="--recall")

    def test_the_picture(self):
        self.tune("docs.db", "--dry-run", "--plot", "recall.svg")
        self.assertTrue(self.read("recall.svg").startswith(b"<svg"))
        self.check_failure(5, "tune", "docs.db", "--plot", "missing/recall.svg", says="missing/recall.svg")

    def test_a_better_hash_space_goes_into_a_new_dictionary(self):
        shutil.copytree(self.path("docs.db"), self.path("eight.db"))
        tuned = self.tune("eight.db", "--recall", "0.9", "--dictionary", "new.dict")
        spaces = tuned["hash_spaces"]
        self.assertEqual([space["own"] for space in spaces], [True] + [False] * (len(spaces) - 1))
        [best] = [space for space in spaces if space["best"]]
        self.assertEqual(best["cost"], min(space["cost"] for space in spaces if space["reached"]))
        self.assertFalse(best["own"])
        self.vecterm("index", "new.db", "--dict", "new.dict", "corpus.jsonl")
        self.assertEqual(len(self.hits("new.db", "movies", "--mode", "vector")), 10)
        self.assertNotEqual(self.read("new.dict"), self.read("words.dict"))

        done = self.run_program("tune", "eight.db", "--dry-run", "--recall", "0.9", "--dictionary", "dry.dict")
        lines = done.stdout.decode().splitlines()[:len(spaces) + 1]
        self.assertEqual(lines[0].split(), ["recall", "probes", "postings", "cost", "us", "hash", "space"])
        self.assertIn("(the index's own)", lines[1])
        self.assertEqual(len([line for line in lines if line.startswith("*")]), 1)
        self.assertIn("dry.dict was not written", done.stderr.decode())
        self.assertFalse(os.path.exists(self.path("dry.dict")))

    def test_the_best_hash_space_is_kept(self):
        arguments = " ".join(support.TRAINING).replace("--cells 8", "--cells 2").split()
        self.vecterm("train", "-o", "two.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *arguments)
        self.vecterm("index", "two.db", "--dict", "two.dict", "corpus.jsonl")
        done = self.run_program("tune", "two.db", "--recall", "0.9", "--dictionary", "none.dict")
        self.assertEqual(done.returncode, 0)
        self.assertIn("own hash space is the best; none.dict was not written", done.stderr.decode())
        self.assertFalse(os.path.exists(self.path("none.dict")))

    def test_what_cannot_be_tuned(self):
        self.check_failure(3, "tune", "missing.db", says="vecterm index")
        self.check_failure(2, "tune", "docs.db", "--recall", "0", says="recall must be in (0, 1]; was 0")
        self.check_failure(2, "tune", "docs.db", "--sample", "0", says="sample must be in [1, 100000]; was 0")
        self.check_failure(3, "tune", "docs.db", "--queries", "missing.jsonl", says="missing.jsonl")


class Explain(support.IndexedCase):
    def lines(self, *arguments):
        return self.vecterm("search", "docs.db", "movies", *arguments, "--explain", "-k", "3").splitlines()

    def test_every_plan_says_what_it_did(self):
        for plan in ["auto", "exact", "probe", "plain-terms"]:
            lines = self.lines("--mode", "vector", "--plan", plan)
            self.assertEqual([line.split()[0] for line in lines[:9]],
                             ["ranking", "matches", "generation", "plan", "probes", "postings", "candidates",
                              "compared", "recall"])
            self.assertRegex(lines[0], "^ranking +cosine$")
            self.assertRegex(lines[3], "^plan +" + ("exact" if plan == "auto" else plan) + ": ")
            self.assertIn("1.0000 expected" if plan in ["auto", "exact"] else "not known", lines[8])
        self.assertRegex(self.lines("--plan", "filter-first", "--filter", "Qvideo-0")[3], "^plan +filter-first: ")

    def test_features_shares_and_tokens_follow_each_hit(self):
        lines = self.lines("--mode", "vector", "--plan", "probe", "--probes", "8")
        rows = [line.split()[0] for line in lines if line.startswith("      ")]
        for row in ["features", "query", "document", "tokens"]:
            self.assertEqual(rows.count(row), 3, row)
        for line in lines:
            if line.startswith("      tokens"):
                self.assertRegex(line, r"^ +tokens +XLSH\S+ \(table 0\)(, XLSH\S+ \(table 0\))?$")
            if line.startswith("      query"):
                self.assertRegex(line, r"^ +query +movies \+0\.\d{4}, rounding [-+]\d\.\de-\d+$")

    def test_words_alone_have_no_plan(self):
        lines = self.vecterm("search", "docs.db", "films", "--mode", "words", "--explain").splitlines()
        self.assertEqual(lines[:4], ["ranking     bm25", "matches     4", "generation  0", "plan        words alone"])

    def test_a_plan_that_does_not_fit_is_refused(self):
        self.check_failure(2, "search", "docs.db", "films", "--plan", "filter-first", says="without a filter")
        self.check_failure(2, "search", "docs.db", "films", "--plan", "guess", says="--plan")
        self.check_failure(2, "search", "docs.db", "films", "--plan", "probe", "--exact", says="--exact")
