# SPDX-License-Identifier: GPL-2.0-or-later
"""Help texts are compared byte for byte with the files in golden/, which have a licence line before them."""

import os

import support

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
LICENCE = "# SPDX-License-Identifier: GPL-2.0-or-later\n"
VERBS = ["", "train", "dict", "dict info", "dict neighbors", "dict map", "dict diff", "dict align", "dict convert",
         "dict import", "dict export", "enrich", "index", "embed", "reindex", "generations", "check", "delete", "search",
         "tune", "tune-rank", "profiles", "eval", "eval-labels", "eval-pairs", "inspect"]


class Help(support.Case):
    def test_help_is_the_golden_text(self):
        self.maxDiff = None
        for verb in VERBS:
            with self.subTest(verb=verb):
                text = self.vecterm(*verb.split(), "--help")
                name = os.path.join(GOLDEN, (verb.replace(" ", "-") or "vecterm") + ".txt")
                if support.UPDATE:
                    with open(name, "w", encoding="utf-8") as file:
                        file.write(LICENCE + text)
                with open(name, encoding="utf-8") as file:
                    self.assertEqual(LICENCE + text, file.read())

    def test_no_golden_file_is_left_over(self):
        expected = {(verb.replace(" ", "-") or "vecterm") + ".txt" for verb in VERBS}
        self.assertEqual(set(os.listdir(GOLDEN)), expected)

    def test_every_verb_shows_an_example_of_itself(self):
        for verb in VERBS[1:]:
            text = self.vecterm(*verb.split(), "--help")
            self.assertIn("Example", text)
            self.assertIn(f"\n  vecterm {verb} ", text)

    def test_help_needs_no_other_argument_and_writes_nothing_on_standard_error(self):
        done = self.run_program("search", "--help", "--nonsense")
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_version(self):
        self.assertRegex(self.vecterm("--version"), r"^vecterm \d+\.\d+\.\d+\n$")
