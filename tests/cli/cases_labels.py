# SPDX-License-Identifier: GPL-2.0-or-later
"""eval-labels."""

import json

import support

LABELS = support.tsv([(topic, " ".join(text for _, text in entries)) for topic, entries in support.TOPICS.items()])
RIGHT = support.tsv([(query, topic) for topic, queries in support.QUERIES.items() for query in queries])


class EvalLabels(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train()
        cls.write("labels.tsv", LABELS)
        cls.write("queries.tsv.gz", RIGHT, compressed=True)

    def evaluate(self, *arguments, queries="queries.tsv.gz"):
        return json.loads(self.vecterm("eval-labels", "words.dict", "--labels", "labels.tsv", "--queries", queries,
                                       "--json", *arguments))

    def test_queries_find_the_labels_that_the_pairs_taught(self):
        figures = self.evaluate()
        self.assertEqual((figures["queries"], figures["labels"], figures["labelled"]), (24, 8, 0))
        self.assertGreater(figures["p@1"], 0.9)
        self.assertGreaterEqual(figures["mrr"], figures["p@1"])
        self.assertEqual(figures["r@1"], figures["p@1"])
        self.assertEqual(figures["r@10"], 1)
        self.assertEqual((figures["without_vector"], figures["query_coverage"]), (0, 1))
        self.assertNotIn("wrong", figures)

    def test_the_table_has_the_same_figures(self):
        figures = self.evaluate("-k", "1,3")
        table = self.vecterm("eval-labels", "words.dict", "--labels", "labels.tsv", "--queries", "queries.tsv.gz",
                             "-k", "1,3")
        self.assertRegex(table, rf"(?m)^P@1 +{figures['p@1']:.4f}$")
        self.assertRegex(table, rf"(?m)^R@3 +{figures['r@3']:.4f}$")
        self.assertNotIn("@5", table)

    def test_wrong_ones_are_shown_with_what_was_expected_and_given(self):
        self.write("wrong.tsv", "movies\tmail\nxyzzy\tvideo\nmovies\tvideo\n")
        figures = self.evaluate("--examples", "5", queries="wrong.tsv")
        self.assertEqual((figures["p@1"], figures["without_vector"]), (1 / 3, 1))
        first, second = figures["wrong"]
        self.assertEqual((first["text"], first["expected"], first["given"][0]), ("movies", ["mail"], "video"))
        self.assertEqual((second["text"], second["given"]), ("xyzzy", []))
        self.assertEqual(len(self.evaluate("--examples", "1", queries="wrong.tsv")["wrong"]), 1)
        table = self.vecterm("eval-labels", "words.dict", "--labels", "labels.tsv", "--queries", "wrong.tsv",
                             "--examples", "1")
        self.assertRegex(table, r"(?m)^text +movies\n  expected +mail\n  given +video, ")

    def test_labelled_texts_vote(self):
        self.write("votes.txt", "__label__mail movies\n__label__mail __label__text cinema at home\n")
        figures = self.evaluate("--labelled", "votes.txt", "--neighbours", "1", "--examples", "1")
        self.assertEqual(figures["labelled"], 2)
        self.assertEqual(figures["wrong"][0]["given"][0], "mail")

    def test_one_file_may_hold_both_splits(self):
        self.write("spaced.tsv", "moving pictures\tfilms\n")
        self.write("both.tsv", "movies\tmoving pictures\ttest\ncinema\tmoving pictures\ttrain\n")
        done = json.loads(self.vecterm("eval-labels", "words.dict", "--labels", "spaced.tsv", "--queries", "both.tsv",
                                       "--one-label", "--split", "test", "--labelled", "both.tsv", "--labelled-split",
                                       "train", "--json"))
        self.assertEqual((done["queries"], done["labelled"], done["p@1"]), (1, 1, 1))

    def test_what_cannot_be_used_is_refused(self):
        run = ["eval-labels", "words.dict", "--labels", "labels.tsv", "--queries"]
        self.write("unknown.tsv", "movies\tvideo\nmovies\tcooking\n")
        self.check_failure(3, *run, "unknown.tsv", says=["unknown.tsv", "line 2", '"cooking"'])
        self.check_failure(3, *run, "missing.tsv", says="missing.tsv")
        self.check_failure(3, *run, "queries.tsv.gz", "--split", "test", says=["line 1", "split"])
        self.check_failure(2, *run, "queries.tsv.gz", "-k", "0", says="depth")
        self.check_failure(2, *run, "queries.tsv.gz", "-k", "1,x", says="-k")
        self.check_failure(2, *run, "queries.tsv.gz", "--labelled", "queries.tsv.gz", "--neighbours", "0",
                           says="neighbours")
        self.check_failure(2, *run, "queries.tsv.gz", "--labelled-split", "train", says="--labelled")
        self.check_failure(2, "eval-labels", "words.dict", "--queries", "queries.tsv.gz", says="--labels")
