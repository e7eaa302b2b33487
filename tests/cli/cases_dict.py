# SPDX-License-Identifier: GPL-2.0-or-later
"""dict info, neighbors, import and export."""

import json
import math

import support


def read_vectors(text):
    lines = text.splitlines()
    return {line.split()[0]: [float(number) for number in line.split()[1:]] for line in lines[1:]}


class Dictionary(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train()
        cls.vecterm("dict", "export", "words.dict", "-o", "raw.vec", "--raw")
        cls.rows = read_vectors(cls.read("raw.vec").decode())

    def info(self, name):
        return json.loads(self.vecterm("dict", "info", name, "--json"))

    def test_info(self):
        info = self.info("words.dict")
        self.assertEqual((info["dimensions"], info["codec"], info["tokenizer"]), (16, "float32", "xapian"))
        self.assertEqual(info["words"], len(self.rows))
        self.assertEqual((info["hash_space"]["family"], info["hash_space"]["rows"]), ("cells", 8))
        self.assertIsInstance(info["provenance"], dict)
        self.assertEqual(info["bytes"], len(self.read("words.dict")))
        table = self.vecterm("dict", "info", "words.dict")
        self.assertIn(info["fingerprint"], table)
        self.assertRegex(table, rf"(?m)^words +{info['words']}$")

    def test_neighbors_are_the_nearest_rows(self):
        cosine = lambda a, b: sum(x * y for x, y in zip(a, b)) / (math.hypot(*a) * math.hypot(*b))
        query = self.rows["movies"]
        best = sorted((-cosine(query, row), word) for word, row in self.rows.items()
                      if word != "movies" and any(row))[:4]
        lines = self.vecterm("dict", "neighbors", "words.dict", "movies", "-k", "4", "--json").splitlines()
        found = [json.loads(line) for line in lines]
        self.assertEqual([entry["neighbor"] for entry in found], [word for _, word in best])
        for entry, (negative, _) in zip(found, best):
            self.assertEqual(entry["word"], "movies")
            self.assertAlmostEqual(entry["cosine"], -negative, places=5)
        text = self.vecterm("dict", "neighbors", "words.dict", "movies", "sql")
        self.assertEqual(len(text.splitlines()), 20)
        self.assertEqual(text.split()[:3:2], ["movies", best[0][1]])

    def test_an_unknown_word_is_no_match(self):
        self.check_failure(1, "dict", "neighbors", "words.dict", "xyzzy", says="'xyzzy'")
        done = self.run_program("dict", "neighbors", "words.dict", "xyzzy", "movies", "[movies]")
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (1, 10))
        self.assertIn(b"'[movies]'", done.stderr)

    def test_export_multiplies_by_the_weight(self):
        self.vecterm("dict", "export", "words.dict", "-o", "weighted.vec")
        weighted = read_vectors(self.read("weighted.vec").decode())
        self.assertEqual(weighted.keys(), self.rows.keys())
        for word, row in weighted.items():
            raw = self.rows[word]
            if not any(raw):
                continue
            weight = math.hypot(*row) / math.hypot(*raw)
            self.assertTrue(0 <= weight <= 1.000001, (word, weight))
            for a, b in zip(row, raw):
                self.assertAlmostEqual(a, weight * b, places=5)

    def test_raw_rows_survive_import_and_export(self):
        self.write("zipped.vec", self.read("raw.vec"), compressed=True)
        self.vecterm("dict", "import", "zipped.vec", "-o", "back.dict")
        self.vecterm("dict", "export", "back.dict", "-o", "back.vec", "--raw")
        self.assertEqual(read_vectors(self.read("back.vec").decode()), self.rows)

    def test_import_without_a_corpus_makes_hyperplanes(self):
        self.vecterm("dict", "import", "raw.vec", "-o", "h.dict", "--tables", "3", "--bits", "5", "--codec", "float16")
        info = self.info("h.dict")
        self.assertEqual((info["codec"], info["tokenizer"]), ("float16", "xapian"))
        space = info["hash_space"]
        self.assertEqual((space["family"], space["tables"], space["bits"]), ("hyperplane", 3, 5))
        self.vecterm("index", "h.db", "--dict", "h.dict", "corpus.jsonl")
        self.assertTrue(self.hits("h.db", "movies", "--mode", "vector")[0]["id"].startswith("video-"))

    def test_import_with_a_corpus_makes_cells(self):
        self.vecterm("dict", "import", "raw.vec", "-o", "c.dict", "--corpus", "corpus.jsonl", "--cells", "4")
        space = self.info("c.dict")["hash_space"]
        self.assertEqual((space["family"], space["rows"]), ("cells", 4))
        self.vecterm("index", "c.db", "--dict", "c.dict", "corpus.jsonl")
        self.assertEqual(self.inspect("c.db")["vectors"], 40)

    def test_import_counts_words_of_the_corpus(self):
        self.write("pair.vec", "plays 1 0\nfilms 0 1\nabsent 1 1\n")
        self.vecterm("dict", "import", "pair.vec", "-o", "n.dict", "--corpus", "corpus.jsonl", "--family", "hyperplane",
                     "--sif", "0.5")
        self.vecterm("dict", "export", "n.dict", "-o", "n.vec")
        weights = {word: max(row) for word, row in read_vectors(self.read("n.vec").decode()).items()}
        self.assertLess(weights["plays"], weights["films"])
        self.assertEqual(weights["absent"], 1)

    def test_cells_cannot_be_learned_without_a_corpus(self):
        self.check_failure(2, "dict", "import", "raw.vec", "-o", "x.dict", "--family", "cells", says="--corpus")

    def test_malformed_vectors_name_the_line(self):
        self.write("bad.vec", "a 1 2\nb 1 x\n")
        self.check_failure(3, "dict", "import", "bad.vec", "-o", "x.dict", says=["bad.vec", "line 2"])
