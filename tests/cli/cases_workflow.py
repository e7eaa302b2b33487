# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job from end to end: train, index, search, delete."""

import gzip
import json
import os
import pty

import support
from support import DOCUMENTS, PAIRS, TRAINING, json_lines, tsv


class Workflow(support.Case):
    def test_train_index_search_delete(self):
        done = self.run_program("train", "-o", "a.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING)
        summary = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (0, b""), summary)
        self.assertIn(f"{len(DOCUMENTS)} documents", summary)
        self.assertIn(f"{len(PAIRS)} pairs", summary)
        self.assertIn("task click: ", summary)
        self.assertIn(": 8 cells\n", summary)
        self.assertNotIn("\r", summary)

        done = self.run_program("index", "a.db", "--dict", "a.dict", "corpus.jsonl")
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        self.assertIn(b"indexed 40 documents, 40 with a vector", done.stderr)
        os.remove(self.path("a.dict"))  # the index has a copy

        self.assertEqual(self.hits("a.db", "movies", "--mode", "words"), [])
        found = self.hits("a.db", "movies")
        self.assertTrue(found[0]["id"].startswith("video-"), found[0])

        first = found[0]["id"]
        done = self.run_program("delete", "a.db", first, "no-such-id")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn(b"deleted 1 ", done.stderr)
        self.assertNotIn(first, [hit["id"] for hit in self.hits("a.db", "movies")])
        self.assertEqual(self.inspect("a.db")["documents"], 39)
        self.check_failure(1, "delete", "a.db", first)

    def test_the_same_training_gives_the_same_bytes_at_any_thread_count(self):
        self.train("one.dict", "--seed", "7")
        arguments = [argument if argument != "2" else "1" for argument in TRAINING]
        self.vecterm("train", "-o", "two.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", "--seed", "7",
                     *arguments)
        self.assertEqual(self.read("one.dict"), self.read("two.dict"))
        self.train("three.dict", "--seed", "8")
        self.assertNotEqual(self.read("one.dict"), self.read("three.dict"))

    def test_unknown_items_are_counted(self):
        self.write("unknown.tsv", tsv(PAIRS + [("search", "movies", "nowhere-1"), ("search", "sql", "nowhere-2")]))
        done = self.run_program("train", "-o", "u.dict", "--pairs", "unknown.tsv", "--corpus", "corpus.jsonl",
                                *TRAINING)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"2 pairs left out", done.stderr)

    def test_text_pairs_alone_are_enough(self):
        texts = {document["_id"]: document["text"] for document in DOCUMENTS}
        self.write("texts.tsv", tsv((query, texts[item]) for _, query, item in PAIRS))
        self.vecterm("train", "-o", "t.dict", "--text-pairs", "texts.tsv", *TRAINING)
        self.vecterm("index", "t.db", "--dict", "t.dict", "corpus.jsonl")
        self.assertTrue(self.hits("t.db", "movies")[0]["id"].startswith("video-"))

    def test_hyperplanes_and_codecs_are_stored_in_the_dictionary(self):
        self.train("h.dict", "--family", "hyperplane", "--tables", "4", "--bits", "6", "--codec", "int8", "--fields",
                   "text")
        info = json.loads(self.vecterm("dict", "info", "h.dict", "--json"))
        self.assertEqual(info["codec"], "int8")
        space = info["hash_space"]
        self.assertEqual((space["family"], space["tables"], space["bits"], space["rows"]), ("hyperplane", 4, 6, 24))
        self.vecterm("index", "h.db", "--dict", "h.dict", "corpus.jsonl")
        self.assertEqual(len(self.inspect("h.db", "video-1")["tokens"]), 4)

    def test_gzip_is_recognised_by_content(self):
        self.write("zipped.jsonl", json_lines(DOCUMENTS), compressed=True)
        self.write("zipped.tsv", tsv(PAIRS), compressed=True)
        self.write("plain.jsonl.gz", json_lines(DOCUMENTS))
        self.train("plain.dict")
        self.vecterm("train", "-o", "zipped.dict", "--pairs", "zipped.tsv", "--corpus", "zipped.jsonl", *TRAINING)
        self.assertEqual(self.read("plain.dict"), self.read("zipped.dict"))
        self.vecterm("index", "z.db", "--dict", "plain.dict", "zipped.jsonl")
        self.vecterm("index", "p.db", "--dict", "plain.dict", "plain.jsonl.gz")
        self.assertEqual(self.inspect("z.db", "mail-2"), self.inspect("p.db", "mail-2"))

    def test_a_dash_reads_standard_input(self):
        self.train("s.dict")
        self.vecterm("index", "s.db", "--dict", "s.dict", "-", input=gzip.compress(json_lines(DOCUMENTS).encode()))
        self.assertEqual(self.inspect("s.db")["documents"], len(DOCUMENTS))

    def test_indexing_again_replaces(self):
        self.train("r.dict")
        self.vecterm("index", "r.db", "--dict", "r.dict", "corpus.jsonl")
        before = self.inspect("r.db", "text-3")
        self.write("new.jsonl", json_lines([{"_id": "text-3", "title": "New", "text": "plays songs and albums"}]))
        self.vecterm("index", "r.db", "--dict", "r.dict", "new.jsonl")
        after = self.inspect("r.db", "text-3")
        self.assertEqual(after["docid"], before["docid"])
        self.assertEqual(after["title"], "New")
        self.assertNotEqual(after["vector"], before["vector"])
        self.assertEqual(self.inspect("r.db")["documents"], len(DOCUMENTS))

    def test_ids_are_taken_as_they_are(self):
        self.train("i.dict")
        ids = ["a", "[a]", "a,b", "[a,b]", "-x", "search", 7, "{}"]
        self.write("ids.jsonl", json_lines({"_id": id, "text": "plays songs"} for id in ids))
        self.vecterm("index", "i.db", "--dict", "i.dict", "ids.jsonl")
        for gone in ["[a]", "[a,b]", "{}", "search"]:
            self.vecterm("delete", "i.db", gone)
        self.vecterm("delete", "i.db", "--", "-x")
        left = {hit["id"] for hit in self.hits("i.db", "songs")}
        self.assertEqual(left, {"a", "a,b", "7"})

    def test_progress_is_drawn_on_a_terminal_and_cleared(self):
        master, slave = pty.openpty()
        try:
            done = self.run_program("train", "-o", "p.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl",
                                    *TRAINING, stderr=slave)
        finally:
            os.close(slave)
        drawn = b""
        try:
            while piece := os.read(master, 65536):
                drawn += piece
        except OSError:
            pass  # how Linux says that the other side is closed
        os.close(master)
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        bars, _, messages = drawn.rpartition(b"\r \r" if b"\r \r" in drawn else b" \rvecterm")
        self.assertIn(b"%", bars)
        *notes, bars = bars.split(b"\r\n")
        for note in notes:  # each on a line of its own: what was drawn before it has been cleared
            self.assertRegex(note.rpartition(b"\r")[2], rb"^vecterm: ")
        self.assertIn(b"epoch 30/30 [", bars)
        self.assertNotIn(b"%", messages)
