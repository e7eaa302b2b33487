#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the benchmark ann runs, on a few made-up documents, and what it writes. The program is the first argument."""
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ANN = ""
FIELDS = {"set": str, "n": int, "system": str, "plan": str, "family": str, "filter": (int, float), "knob": int,
          "queries": int, "recall": float, "latency_us": float, "mean_us": float, "build_s": float, "disk_bytes": int,
          "resident_bytes": int}
SYSTEMS = {"vecterm", "hnswlib", "faiss-ivf", "faiss-hnsw", "exact"}


def write_texts(folder):
    """A corpus of 2,000 documents about one of 50 subjects each, and pairs of a query and the document's words."""
    chance = random.Random(1)
    words = [f"w{i}" for i in range(1000)]
    with open(folder / "corpus.jsonl", "w", encoding="utf-8") as corpus, \
            open(folder / "pairs.tsv", "w", encoding="utf-8") as pairs:
        for i in range(2000):
            subject = words[i % 50 * 20:][:20]
            text = chance.choices(subject, k=20) + chance.choices(words, k=10)
            corpus.write(json.dumps({"_id": str(i), "title": " ".join(text[:3]), "text": " ".join(text)}) + "\n")
            pairs.write(f"search\t{' '.join(chance.choices(subject, k=3))}\t{i}\n")


class AnnTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        write_texts(cls.folder)
        environment = os.environ | {"VECTERM_BENCH_CORPUS": str(cls.folder / "corpus.jsonl"),
                                    "VECTERM_BENCH_PAIRS": str(cls.folder / "pairs.tsv")}
        done = subprocess.run([ANN, "--sets", "64k,1M", "--limit", "2000", "--queries", "50", "--rounds", "1",
                               "--epochs", "1", "--json", cls.folder / "ann.jsonl", "--plot", cls.folder / "ann.svg"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, env=environment)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        cls.table = done.stdout
        cls.points = list(map(json.loads, (cls.folder / "ann.jsonl").read_text(encoding="utf-8").splitlines()))

    def test_every_point_has_every_field(self):
        for point in self.points:
            self.assertEqual(list(point), list(FIELDS))
            for field, kind in FIELDS.items():
                self.assertIsInstance(point[field], kind, field)
            self.assertTrue(0 <= point["recall"] <= 1 and point["latency_us"] > 0, point)
            self.assertFalse(math.isnan(point["build_s"]))

    def test_every_system_is_measured_on_both_sets(self):
        for name in "64k", "1M":
            self.assertEqual({point["system"] for point in self.points if point["set"] == name}, SYSTEMS)

    def test_exact_answers_have_recall_1(self):
        for point in self.points:
            if point["plan"] == "exact" and point["system"] == "vecterm":
                self.assertEqual(point["recall"], 1, point)

    def test_the_bars_and_a_picture_of_each_set_are_there(self):
        self.assertIn("hnswlib", self.table)
        self.assertIn("mixed / words", self.table)
        for name in "64k", "1M":
            self.assertIn("</svg>", (self.folder / f"ann-{name}.svg").read_text(encoding="utf-8"))


if __name__ == "__main__":
    ANN = sys.argv.pop(1)
    unittest.main()
