# SPDX-License-Identifier: GPL-2.0-or-later
"""train --update, dict diff and dict align: dictionaries that follow one another."""

import json

import support
from support import PAIRS, TRAINING, tsv

# What moves is told by words here; an n-gram that comes moves words, too.
WORDS_ONLY = [*TRAINING, "--no-ngrams"]


def training_of_updates():
    """TRAINING without what an update keeps."""
    values = dict(zip(TRAINING[::2], TRAINING[1::2]))
    return [part for name in values if name not in ("--dim", "--cells") for part in (name, values[name])]


class Update(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        held_out = [pair for number, pair in enumerate(PAIRS) if number % 10 == 3]
        known = [pair for number, pair in enumerate(PAIRS) if number % 10 != 3]
        cls.write("held_out.tsv", tsv(held_out))
        cls.write("known.tsv", tsv(known))
        cls.write("more.tsv", tsv(known + [("search", "flicks", f"video-{number}") for number in range(5)]))
        cls.vecterm("train", "-o", "old.dict", "--pairs", "known.tsv", "--corpus", "corpus.jsonl", *WORDS_ONLY)

    def update(self, name, *arguments):
        """Messages and the JSON line of an update of old.dict."""
        done = self.run_program("train", "-o", name, "--update", "old.dict", "--pairs", "more.tsv", "--corpus",
                                "corpus.jsonl", *training_of_updates(), *arguments)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr.decode())
        lines = done.stderr.decode().splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{")]
        return "\n".join(lines), next(line for line in told if line["event"] == "update")

    def info(self, name):
        return json.loads(self.vecterm("dict", "info", name, "--json"))

    def diff(self, *arguments):
        return json.loads(self.vecterm("dict", "diff", *arguments, "--json"))

    def test_an_update_tells_what_it_costs_and_saves(self):
        text, told = self.update("new.dict", "--validation-pairs", "held_out.tsv")
        self.assertEqual((told["words_added"], told["documents"], told["keeps_hash_space"]), (1, 40, True))
        self.assertEqual(told["words_moved"] + told["words_unchanged"], self.info("old.dict")["words"])
        self.assertGreater(told["tokens_kept"], 0.5)
        self.assertLessEqual(told["documents_changed"], told["documents_with_changed_word"])
        self.assertEqual(set(told["quality"]), {"search", "click"})
        for task in told["quality"].values():
            self.assertEqual(set(task), {"before", "after"})
            self.assertGreater(task["after"]["recall@10"], 0.5)
        self.assertRegex(text, r"update: 1 words added, \d+ moved, \d+ unchanged; the old hash space\n")
        self.assertRegex(text, r"of 40 documents \d+ have a changed word and \d+ change; [0-9.]+ % of all tokens stay")
        self.assertRegex(text, r"quality of search: Recall@10 [01][0-9.]+ -> [01][0-9.]+ of \d+ items, MRR ")

    def test_quality_is_that_of_eval_pairs(self):
        _, told = self.update("q.dict", "--validation-pairs", "held_out.tsv")
        for when, name in (("before", "old.dict"), ("after", "q.dict")):
            lines = self.vecterm("eval-pairs", name, "--pairs", "held_out.tsv", "--corpus", "corpus.jsonl", "--json")
            for task in map(json.loads, lines.splitlines()):
                self.assertEqual(told["quality"][task["task"]][when]["mrr"], task["items"]["mrr"])

    def test_without_held_out_pairs_it_is_said_how_to_get_figures(self):
        text, told = self.update("n.dict")
        self.assertEqual(told["quality"], {})
        self.assertIn("--validation-pairs", text)

    def test_the_strongest_anchor_moves_nothing_and_an_index_can_be_embedded_with_the_result(self):
        _, told = self.update("still.dict", "--anchor", "1e9")
        self.assertEqual((told["words_moved"], told["tokens_kept"]), (0, 1))
        found = self.diff("old.dict", "still.dict")
        self.assertEqual((found["added"], found["removed"], found["moved"]), (1, 0, 0))
        self.assertEqual(found["examples"]["added"], ["flicks"])
        self.vecterm("index", "still.db", "--dict", "still.dict", "corpus.jsonl")
        self.assertTrue(self.hits("still.db", "flicks", "--mode", "vector")[0]["id"].startswith("video-"))

    def test_dimensions_codec_weights_and_hash_space_are_kept_unless_others_are_asked_for(self):
        self.update("kept.dict", "--anchor", "0")
        old, kept = self.info("old.dict"), self.info("kept.dict")
        self.assertEqual((kept["dimensions"], kept["codec"], kept["hash_space"]),
                         (old["dimensions"], "float32", old["hash_space"]))
        self.assertEqual(kept["provenance"]["options"]["update"]["parent"], old["fingerprint"])
        _, told = self.update("other.dict", "--codec", "float16", "--new-weights", "--new-hash-space", "--cells", "4")
        self.assertEqual((told["tokens_kept"], told["keeps_hash_space"], told["documents_changed"]), (0, False, 40))
        other = self.info("other.dict")
        self.assertEqual((other["codec"], other["hash_space"]["rows"]), ("float16", 4))
        self.assertFalse(self.diff("old.dict", "other.dict")["compatible_update"])

    def test_options_that_do_not_go_together_are_refused(self):
        update = ["train", "-o", "x.dict", "--update", "old.dict", "--pairs", "more.tsv", "--corpus", "corpus.jsonl"]
        self.check_failure(2, *update, "--dim", "8", says="dimensions must be 16, as the old dictionary has; was 8")
        self.check_failure(2, *update, "--cells", "4", says="--new-hash-space")
        self.check_failure(2, *update, "--anchor", "-1", says="anchor must be in [0, 1000000000]; was -1")
        self.check_failure(2, "train", "-o", "x.dict", "--anchor", "1", "--pairs", "more.tsv", "--corpus",
                           "corpus.jsonl", says="--update")
        self.check_failure(3, "train", "-o", "x.dict", "--update", "none.dict", "--pairs", "more.tsv", "--corpus",
                           "corpus.jsonl", says="none.dict")

    def test_diff_counts_and_shows_words(self):
        self.vecterm("train", "-o", "anew.dict", "--pairs", "more.tsv", "--corpus", "corpus.jsonl", *WORDS_ONLY)
        found = self.diff("old.dict", "anew.dict", "--examples", "3")
        self.assertEqual((found["added"], found["removed"], found["unchanged"]), (1, 0, 0))
        self.assertEqual((found["same_hash_space"], found["compatible_update"]), (False, False))
        moved = found["examples"]["moved"]
        self.assertEqual(len(moved), 3)
        self.assertEqual([move["distance"] for move in moved], sorted((m["distance"] for m in moved), reverse=True))
        text = self.vecterm("dict", "diff", "anew.dict", "old.dict")
        self.assertRegex(text, r"(?m)^removed +1: flicks$")
        self.assertRegex(text, r"(?m)^compatible update +no")
        self.assertRegex(self.vecterm("dict", "diff", "old.dict", "old.dict"), r"(?m)^compatible update +yes$")
        none = self.diff("old.dict", "anew.dict", "--examples", "0")["examples"]
        self.assertEqual(none, {"added": [], "removed": [], "moved": []})

    def test_align_makes_a_compatible_update_that_keeps_cosines(self):
        self.vecterm("train", "-o", "anew.dict", "--pairs", "more.tsv", "--corpus", "corpus.jsonl", *WORDS_ONLY)
        self.vecterm("dict", "align", "old.dict", "anew.dict", "-o", "aligned.dict")
        self.assertTrue(self.diff("old.dict", "aligned.dict")["compatible_update"])
        self.assertEqual(self.info("aligned.dict")["provenance"]["aligned"]["to"], self.info("old.dict")["fingerprint"])
        far, near = (self.diff("old.dict", name)["examples"]["moved"] for name in ("anew.dict", "aligned.dict"))
        self.assertLess(near[0]["distance"], far[0]["distance"])
        same = [self.vecterm("eval-pairs", name, "--pairs", "held_out.tsv", "--corpus", "corpus.jsonl")
                for name in ("anew.dict", "aligned.dict")]
        self.assertEqual(*same)

    def test_dictionaries_that_do_not_fit_are_refused(self):
        self.write("narrow.vec", "films 1 0\nvideo 0 1\n")
        self.vecterm("dict", "import", "narrow.vec", "-o", "narrow.dict")
        self.check_failure(2, "dict", "diff", "old.dict", "narrow.dict", says="were 16 and 2")
        self.check_failure(2, "dict", "align", "old.dict", "narrow.dict", "-o", "x.dict", says="must be 16")
        self.write("few.vec", "films" + " 1" * 16 + "\nvideo" + " 2" * 16 + "\n")
        self.vecterm("dict", "import", "few.vec", "-o", "few.dict")
        self.check_failure(2, "dict", "align", "old.dict", "few.dict", "-o", "x.dict", says="must be at least 16")
