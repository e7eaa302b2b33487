#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the examples that are scripts, on a dozen made-up packages, as a user would. The vecterm command to run them
with is the first argument."""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DATA = ROOT / "tests" / "data" / "packages"
VECTERM = ""


def run(*command, code=0, cwd=None):
    """Standard output of a command that must end with `code`."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, cwd=cwd)
    if done.returncode != code:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout if code == 0 else done.stderr


class ExamplesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.work = pathlib.Path(folder.name) / "a folder"
        cls.counts = json.loads(run(EXAMPLES / "debian_corpus.py", cls.work, "--packages", DATA / "Packages",
                                    "--translations", DATA / "Translation-en"))
        documents = map(json.loads, (cls.work / "corpus.jsonl").read_text(encoding="utf-8").splitlines())
        cls.corpus = {document["_id"]: document for document in documents}
        cls.pairs = [line.split("\t") for line in (cls.work / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
        cls.quickstart = run(EXAMPLES / "quickstart", "--corpus", "corpus.jsonl", "--pairs", "pairs.tsv", "--output",
                             "out", "--vecterm", VECTERM, cwd=cls.work)

    def test_the_newest_version_of_each_package_is_a_document(self):
        self.assertEqual(self.counts["documents"], 12)
        self.assertEqual(list(self.corpus), sorted(self.corpus))
        self.assertEqual(self.corpus["cinema"], {
            "_id": "cinema", "title": "player for movies and video clips",
            "text": "Plays movies and video clips from disk, DVD or the network. Subtitles are drawn over the video, "
                    "and sound follows the picture.",
            "metadata": {"section": "video", "tags": ["use::viewing", "works-with::video", "role::program"],
                         "source": "video-suite", "size": 1128, "rdeps": 2}})
        self.assertEqual(self.corpus["bare"]["text"], "")

    def test_pairs_are_of_three_tasks(self):
        self.assertEqual(self.counts["pairs"], len(self.pairs))
        search = {package for task, _, package in self.pairs if task == "search"}
        self.assertEqual(search, set(self.corpus) - {"bare", "jukebox-data", "oldledger"})
        related = [package for task, query, package in self.pairs
                   if task == "related" and query == self.corpus["cinema"]["title"]]
        self.assertEqual(related, ["subtitler", "captions", "jukebox"])
        self.assertIn(["interest", "works with image vector", "chartist"], self.pairs)
        self.assertFalse([pair for pair in self.pairs if "TODO" in pair[1] or "issues" in pair[1]])

    def test_versions_compare_as_dpkg_compares_them(self):
        sys.path.insert(0, str(EXAMPLES))
        sys.dont_write_bytecode = True
        from debian_corpus import version_key
        rising = ["0.9-9", "1.0~~", "1.0~rc1-1", "1.0", "1.0-1", "1.0-1+b1", "1.0a", "1.0+dfsg", "1.2", "1.10", "1:0.1"]
        self.assertEqual(sorted(reversed(rising), key=version_key), rising)

    def test_the_quick_start_writes_figures_and_hits(self):
        figures = json.loads((self.work / "out" / "quickstart.json").read_text())
        self.assertEqual(figures["documents"], 12)
        self.assertEqual(figures["pairs"], len(self.pairs))
        self.assertGreater(figures["words"], 5)
        self.assertEqual([len(figures["queries"])] + sorted(figures["queries"][0]), [5, "mixed", "query", "words"])
        for step in ("setup", "build", "corpus", "train", "index", "search"):
            self.assertGreaterEqual(figures["seconds_" + step], 0)
        for query in figures["queries"]:
            self.assertIn(f'"{query["query"]}"', self.quickstart)
            self.assertTrue(query["mixed"])
            self.assertTrue(set(query["words"] + query["mixed"]) <= set(self.corpus))

    def test_the_commands_to_go_on_with_work(self):
        lines = [line.strip() for line in self.quickstart.split("Go on with:")[1].splitlines() if line.strip()]
        self.assertEqual(len(lines), 5)
        for line in lines:
            line = line.replace(" ID", " cinema").replace(" WORD", " video").replace("your own words", "video clips")
            self.assertTrue(run("bash", "-c", line, cwd=self.work))

    def test_without_pairs_the_texts_alone_are_learned_from(self):
        with gzip.open(self.work / "own.jsonl.gz", "wt") as out:
            out.writelines(json.dumps(document) + "\n" for document in self.corpus.values())
        run(EXAMPLES / "quickstart", "--corpus", "own.jsonl.gz", "--output", "own", "--vecterm", VECTERM, cwd=self.work)
        figures = json.loads((self.work / "own" / "quickstart.json").read_text())
        self.assertEqual((figures["documents"], figures["pairs"], len(figures["queries"])), (12, 0, 5))

    def test_the_debian_configuration_gives_filters(self):
        database = self.work / "filtered.db"
        run(VECTERM, "index", database, "--dict", self.work / "out" / "words.dict", "--config", EXAMPLES / "debian.toml",
            self.work / "corpus.jsonl")
        lines = run(VECTERM, "search", database, "editor", "--filter", "section:video", "--json").splitlines()
        found = {json.loads(line)["id"] for line in lines}
        self.assertIn("subtitler", found)
        self.assertTrue(found <= {"captions", "cinema", "subtitler"}, found)

    def test_a_wrong_command_line_is_refused_with_a_reason(self):
        quickstart = EXAMPLES / "quickstart"
        self.assertIn("unknown option --corpse", run(quickstart, "--corpse", code=2))
        self.assertIn("needs a value", run(quickstart, "--corpus", code=1))
        self.assertIn("cannot read", run(quickstart, "--corpus", self.work / "missing.jsonl", code=1))
        self.assertIn("--pairs needs --corpus", run(quickstart, "--pairs", self.work / "pairs.tsv", code=1))
        (self.work / "bad.jsonl").write_text("{}\nno json\n")
        said = run(quickstart, "--corpus", self.work / "bad.jsonl", "--output", self.work / "bad", "--vecterm", VECTERM,
                   code=1)
        self.assertIn('the step "train" failed', said)
        self.assertIn('line 1: no "_id"', said)

    def test_unmodified_tools_find_documents_by_tokens(self):
        shown = run(EXAMPLES / "unmodified_tools.sh", self.work / "out" / "db", "cinema")
        self.assertRegex(shown, r"XLSH[0-9][0-9a-z]{3}_00_[0-9a-f]+")
        self.assertIn('"id":"cinema"', shown.split("(quest")[1])
        self.assertIn("no document", run(EXAMPLES / "unmodified_tools.sh", self.work / "out" / "db", "nix", code=1))

    def test_python_and_vecterm_agree_on_cosines(self):
        database = self.work / "out" / "db"
        shown = run(EXAMPLES / "tokens.py", database, "cinema", "-k", "3").splitlines()
        lines = run(VECTERM, "search", database, "--like", "cinema", "--mode", "vector", "--json").splitlines()
        cosines = {hit["id"]: hit["cosine"] for hit in map(json.loads, lines)}
        self.assertTrue(shown)
        for line in shown:
            self.assertAlmostEqual(float(line.split()[1].rstrip(",")), cosines[line.split(": ")[1].split()[0]], delta=2e-3)
        self.assertIn("no document", run(EXAMPLES / "tokens.py", database, "nix", code=1))


if __name__ == "__main__":
    VECTERM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
