# SPDX-License-Identifier: GPL-2.0-or-later
"""dict info, neighbors, convert, import and export."""

import gzip
import json
import math
import os
import struct

import support


def read_vectors(text):
    lines = text.splitlines()
    return {line.split()[0]: [float(number) for number in line.split()[1:]] for line in lines[1:]}


class Dictionary(support.Case):
    TRAINED_WITH = ["--no-ngrams"]

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

    def test_convert_cuts_vectors_and_changes_their_codec(self):
        self.vecterm("dict", "convert", "words.dict", "-o", "cut.dict", "--dim", "4", "--corpus", "corpus.jsonl",
                     "--cells", "4")
        info = self.info("cut.dict")
        self.assertEqual((info["dimensions"], info["codec"], info["hash_space"]["rows"]), (4, "float32", 4))
        self.vecterm("dict", "export", "cut.dict", "-o", "cut.vec", "--raw")
        for word, row in read_vectors(self.read("cut.vec").decode()).items():
            self.assertEqual(row, self.rows[word][:4])
        self.vecterm("index", "cut.db", "--dict", "cut.dict", "corpus.jsonl")
        self.assertTrue(self.hits("cut.db", "movies", "--mode", "vector")[0]["id"].startswith("video-"))

    def test_convert_to_another_codec_keeps_the_hash_space_and_tells_what_it_costs(self):
        done = self.run_program("dict", "convert", "words.dict", "-o", "small.dict", "--codec", "int8", "--corpus",
                                "corpus.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        before, after = self.info("words.dict"), self.info("small.dict")
        self.assertEqual(after["hash_space"], before["hash_space"])
        self.assertEqual((after["codec"], after["dimensions"]), ("int8", 16))
        self.assertLess(after["bytes"], before["bytes"])
        self.assertRegex(done.stderr.decode(), r"[\d.]+ % of the documents' 10 nearest documents stay the same")

    def test_convert_refuses_what_makes_no_sense(self):
        self.check_failure(2, "dict", "convert", "words.dict", "-o", "x.dict", "--dim", "17", says=["[1, 16]", "17"])
        self.check_failure(2, "dict", "convert", "words.dict", "-o", "x.dict", "--dim", "0", says=["[1, 16]", "0"])
        self.check_failure(2, "dict", "convert", "words.dict", "-o", "x.dict", "--codec", "int8", "--cells", "4",
                           says="--dim")
        self.check_failure(2, "dict", "convert", "words.dict", "-o", "x.dict", "--dim", "4", "--family", "cells",
                           says="--corpus")

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

    def test_import_without_a_corpus_makes_any_family_but_cells(self):
        for family, row_name in (("cross-polytope", "rotations"), ("p-stable", "projections")):
            with self.subTest(family=family):
                self.vecterm("dict", "import", "raw.vec", "-o", "f.dict", "--family", family, "--tables", "3", "--bits", "5")
                space = self.info("f.dict")["hash_space"]
                self.assertEqual((space["family"], space["tables"], space["bits"]), (family, 3, 5))
                self.assertIn(row_name, self.vecterm("dict", "info", "f.dict"))

    def test_import_makes_cells_of_several_resolutions(self):
        self.vecterm("dict", "import", "raw.vec", "-o", "r.dict", "--corpus", "corpus.jsonl", "--cells", "2,4",
                     "--assignments", "1")
        space = self.info("r.dict")["hash_space"]
        self.assertEqual((space["tables"], space["rows"], space["assignments"]), (2, 6, 1))

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

    def message(self, *arguments):
        """What a successful import says."""
        done = self.run_program("dict", "import", *arguments)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        return done.stderr.decode()

    def check_import(self, name, content, *arguments, rows, says):
        self.write(name, content)
        self.assertIn(says, self.message(name, "-o", "f.dict", *arguments))
        self.vecterm("dict", "export", "f.dict", "-o", "f.vec", "--raw")
        self.assertEqual(read_vectors(self.read("f.vec").decode()), rows)

    def test_binary_word2vec_is_recognised(self):
        content = b"2 2\ncat " + struct.pack("<2f", 1, 0.5) + b"\ndog " + struct.pack("<2f", 0, 2) + b"\n"
        rows = {"cat": [1, 0.5], "dog": [0, 2]}
        for name, data in ("w.bin", content), ("w.txt", gzip.compress(content)):
            self.check_import(name, data, rows=rows, says="wrote 2 words of 2 dimensions to f.dict; weights by the order")
        self.check_import("w.bin", content, "--format", "word2vec", rows=rows, says="2 words")
        self.check_failure(3, "dict", "import", "w.bin", "-o", "x.dict", "--format", "text", says=["w.bin", "line 2"])

    def test_fasttext_models_bring_counts_and_subwords(self):
        model = struct.pack("<2i", 793712314, 12) + struct.pack("<12id", 2, 5, 1, 1, 5, 1, 2, 2, 1, 3, 3, 100, 1e-4)
        model += struct.pack("<3i2q", 2, 1, 1, 9, -1)
        model += b"films\0" + struct.pack("<qb", 8, 0) + b"__label__a\0" + struct.pack("<qb", 1, 1)
        model += b"\0" + struct.pack("<2q4f", 2, 2, 6, 0, 0, 6) + b"\0" + struct.pack("<2q2f", 1, 2, 0, 0)
        says = "1 words of 2 dimensions to f.dict (1 labels left out); weights by the counts"
        self.check_import("m.bin", model, rows={"films": [1, 5]}, says=says)
        self.vecterm("dict", "import", "m.bin", "-o", "g.dict", "--corpus", "corpus.jsonl", "--cells", "4")
        self.vecterm("dict", "export", "g.dict", "-o", "g.vec", "--raw")
        rows = read_vectors(self.read("g.vec").decode())
        self.assertEqual((rows["films"], rows["video"]), ([1, 5], [0, 6]))
        self.check_failure(3, "dict", "import", "m.bin", "-o", "x.dict", "--format", "text", says="fastText model")

    def test_numberbatch_keys_are_words_of_one_language(self):
        content = "4 2\n/c/de/kaffee 1 0\n/c/en/coffee 0 1\n/c/en/hot_dog 1 1\n/c/en/tea 1 2\n"
        self.check_import("n.txt", content, rows={"coffee": [0, 1], "tea": [1, 2]},
                          says="(1 keys of other languages, 1 keys of several words left out)")
        self.check_import("n.txt", content, "--language", "de", rows={"kaffee": [1, 0]}, says="1 words")
        self.check_failure(3, "dict", "import", "n.txt", "-o", "x.dict", "--language", "fr", says=["n.txt", '"fr"'])

    def test_safetensors_need_words(self):
        header = json.dumps({"embeddings": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
        content = struct.pack("<Q", len(header)) + header + struct.pack("<4f", 1, 2, 3, 4)
        self.write("words.txt", "cat\ndog\n")
        self.write("tokenizer.json", json.dumps({"added_tokens": [{"id": 1, "content": "[UNK]", "special": True}],
                                                 "model": {"type": "WordPiece", "vocab": {"cat": 0, "[UNK]": 1}}}))
        self.check_import("m.st", content, "--words", "words.txt", rows={"cat": [1, 2], "dog": [3, 4]}, says="2 words")
        self.check_import("m.st", content, "--words", "tokenizer.json", "--tensor", "embeddings", rows={"cat": [1, 2]},
                          says="(1 special tokens left out)")
        self.check_failure(2, "dict", "import", "m.st", "-o", "x.dict", says="list of words")
        self.check_failure(2, "dict", "import", "raw.vec", "-o", "x.dict", "--words", "words.txt", says="safetensors")
        self.check_failure(3, "dict", "import", "m.st", "-o", "x.dict", "--words", "words.txt", "--tensor", "none",
                           says=['"none"', '"embeddings" [2, 2]'])

    def test_a_folder_of_a_model_over_pieces_finds_words_that_are_made_of_them(self):
        vocabulary = ["[UNK]", "film", "##s", "kino", "##abend", "pic", "##ture"]
        rows = [[9, 9], [1, 0], [0, 0.125], [1, 0.25], [0, 0.25], [1, -0.25], [0, 0.125]]
        header = json.dumps({"embeddings": {"dtype": "F32", "shape": [7, 2], "data_offsets": [0, 56]}}).encode()
        os.makedirs(self.path("model"), exist_ok=True)
        self.write("model/model.safetensors", struct.pack("<Q", len(header)) + header +
                   b"".join(struct.pack("<2f", *row) for row in rows))
        self.write("model/tokenizer.json", json.dumps({
            "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
            "added_tokens": [{"id": 0, "content": "[UNK]", "special": True}],
            "model": {"type": "WordPiece", "vocab": {piece: number for number, piece in enumerate(vocabulary)}}}))
        self.write("films.jsonl", "".join(json.dumps({"_id": name, "text": text}) + "\n" for name, text in (
            ("a", "films and more films"), ("b", "a picture"), ("c", "nothing that is known"))))
        done = self.run_program("dict", "import", "model", "-o", "model.dict", "--corpus", "films.jsonl", "--cells", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("wrote 2 words, 6 pieces of 2 dimensions to model.dict (1 special tokens, 7 words without a piece "
                      "left out); all weights are 1", done.stderr.decode())
        info = self.info("model.dict")
        self.assertEqual((info["words"], info["pieces"]), (2, 6))
        self.vecterm("index", "model.db", "--dict", "model.dict", "films.jsonl")
        hits = self.hits("model.db", "kinoabend", "--mode", "vector")
        self.assertEqual([hit["id"] for hit in hits], ["a", "b"])
        self.assertAlmostEqual(hits[0]["cosine"], (1 + .125 * .5) / math.hypot(1, .125) / math.hypot(1, .5), places=3)
        self.assertEqual(self.vecterm("dict", "neighbors", "model.dict", "kinoabend", "-k", "1").split()[2], "films")
        self.check_failure(2, "train", "-o", "x.dict", "--update", "model.dict", "--pairs", "pairs.tsv", "--corpus",
                           "corpus.jsonl", says="train without --update")
        self.check_failure(3, "dict", "import", ".", "-o", "x.dict", says="has no model.safetensors")

    def test_what_documents_have_in_common_is_taken_out(self):
        self.write("alike.vec", "films 5 1\nvideo 5 -1\nschema 5 0.5\nserver 5 -0.5\n")
        done = self.run_program("dict", "import", "alike.vec", "-o", "alike.dict", "--corpus", "corpus.jsonl", "--common", "1",
                                "--family", "hyperplane")
        self.assertRegex(done.stderr.decode(), r"had a mean cosine of 0\.9\d, without what they have in common it is -?0\.")
        self.check_failure(2, "dict", "import", "alike.vec", "-o", "x.dict", "--common", "1", says="give them with --corpus")
        self.check_failure(2, "dict", "import", "alike.vec", "-o", "x.dict", "--sif", "3", says="sif must be in (0, 1]; was 3")
        self.vecterm("dict", "import", "alike.vec", "-o", "alike.dict", "--corpus", "corpus.jsonl", "--sif", "none")
        done = self.run_program("index", "alike.db", "--dict", "alike.dict", "corpus.jsonl")
        self.assertIn("documents are much alike (mean cosine 0.9", done.stderr.decode())
        self.assertIn("the dictionary knows only ", done.stderr.decode())

    def test_a_pipe_is_read_and_what_it_promises_not_believed(self):
        rows = b"cat " + struct.pack("<2f", 1, 0.5) + b"\n"
        for count in b"1", b"99999999999999999":
            done = self.run_program("dict", "import", "-", "-o", "p.dict", "--format", "word2vec",
                                    input=count + b" 2\n" + rows)
            self.assertEqual(done.returncode, 0 if count == b"1" else 3, done.stderr)
            self.assertEqual(b"standard input, byte 33: the file ends within" in done.stderr, count != b"1", done.stderr)
