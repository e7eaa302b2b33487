# SPDX-License-Identifier: GPL-2.0-or-later
"""search, eval and inspect on one small index."""

import json
import math
import os
import re

import support
from support import DOCUMENTS, json_lines, tsv

CONFIG = """
stemmer = "en"
stop_words = ["and", "the"]
slot = 50
codec = "float32"
[metadata.section]
prefix = "XSECTION"
[metadata.year]
slot = 1
type = "number"
[metadata.tags]
prefix = "XTAG"
"""


class Search(support.IndexedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("analyzer.toml", CONFIG)
        cls.vecterm("index", "meta.db", "--dict", "words.dict", "corpus.jsonl", "--config", "analyzer.toml")

    def test_json_has_all_fields_in_all_modes(self):
        for mode in ["words", "vector", "mixed"]:
            with self.subTest(mode=mode):
                found = self.hits("docs.db", "video films", "--mode", mode, "-k", "40")
                self.assertGreater(len(found), 3)
                for hit in found:
                    self.assertEqual(list(hit), ["id", "docid", "score", "bm25", "cosine", "tokens", "title"])
                    self.assertIsInstance(hit["docid"], int)
                    for number in ["score", "bm25", "cosine"]:
                        self.assertIsInstance(hit[number], float)
                    for token in hit["tokens"]:
                        self.assertRegex(token, r"^XLSH[0-9][0-9a-z]{3}_00_[0-9a-f]+$")
                scores = [hit["score"] for hit in found]
                self.assertEqual(scores, sorted(scores, reverse=True))

    def test_modes_rank_by_what_they_say(self):
        for hit in self.hits("docs.db", "video films", "--mode", "words"):
            self.assertEqual(hit["score"], hit["bm25"])
        for hit in self.hits("docs.db", "video films", "--mode", "vector"):
            self.assertEqual(hit["score"], hit["cosine"])

    def test_vector_search_finds_by_meaning(self):
        for topic, queries in support.QUERIES.items():
            found = self.hits("docs.db", queries[0], "--mode", "vector", "-k", "3")
            self.assertTrue(all(hit["id"].startswith(topic) for hit in found), (topic, found))

    def test_an_index_of_any_codec_is_searched_explained_tuned_and_sound(self):
        for codec in ["float32", "float16", "int8", "sign"]:
            with self.subTest(codec=codec):
                database = codec + ".db"
                self.write("codec.toml", f'codec = "{codec}"\n')
                self.vecterm("index", database, "--dict", "words.dict", "corpus.jsonl", "--config", "codec.toml")
                self.assertEqual(json.loads(self.vecterm("inspect", database, "--json"))["codec"], codec)
                for topic, queries in support.QUERIES.items():
                    best, = self.hits(database, queries[0], "--mode", "vector", "-k", "1")
                    self.assertTrue(best["id"].startswith(topic), (topic, best))
                    for hit in self.hits(database, "like:" + best["id"], "-k", "3"):
                        self.assertTrue(hit["id"].startswith(topic), (topic, hit))
                self.assertIn("rounding", self.vecterm("search", database, "video films", "--explain"))
                self.vecterm("tune", database, "--sample", "20")
                self.vecterm("check", database)

    def test_a_larger_k_only_adds_hits(self):
        ten = self.hits("docs.db", "video films", "-k", "10")
        self.assertEqual(ten[:3], self.hits("docs.db", "video films", "-k", "3"))

    def test_several_words_are_joined(self):
        self.assertEqual(self.hits("docs.db", "video", "films"), self.hits("docs.db", "video films"))

    def test_text_may_be_a_verb(self):
        self.assertEqual(self.hits("docs.db", "index", "tables"), self.hits("docs.db", "index tables"))

    def test_operators(self):
        found = self.hits("docs.db", "files AND NOT lines", "--mode", "words", "-k", "40")
        texts = {document["_id"]: document["text"] for document in DOCUMENTS}
        self.assertEqual({hit["id"] for hit in found},
                         {id for id, text in texts.items() if "files" in text.split() and "lines" not in text.split()})

    def test_exact_and_all_probes_agree(self):
        hits = lambda *how: [(hit["id"], hit["score"]) for hit in self.hits("docs.db", "movies", "--mode", "vector", *how)]
        for plan in ["auto", "probe", "plain-terms"]:
            self.assertEqual(hits("--exact"), hits("--plan", plan, "--probes", "8"))

    def test_like_leaves_out_the_document_itself_and_gives_the_exact_cosine(self):
        found = self.hits("docs.db", "--like", "video-0", "--mode", "vector", "-k", "40")
        self.assertNotIn("video-0", [hit["id"] for hit in found])
        self.assertTrue(found[0]["id"].startswith("video-"))
        query = self.inspect("docs.db", "video-0")["vector"]
        for hit in found[:5]:
            other = self.inspect("docs.db", hit["id"])["vector"]
            self.assertAlmostEqual(hit["cosine"], sum(a * b for a, b in zip(query, other)), delta=1e-3)

    def test_matched_tokens_are_the_documents_own(self):
        hit = self.hits("docs.db", "movies", "--mode", "vector")[0]
        self.assertTrue(hit["tokens"])
        self.assertLessEqual(set(hit["tokens"]), set(self.inspect("docs.db", hit["id"])["tokens"]))

    def test_filters(self):
        sections = lambda *arguments: {hit["id"].split("-")[0] for hit in self.hits("meta.db", *arguments, "-k", "40")}
        self.assertEqual(sections("video films", "--filter", "section:video"), {"video"})
        self.assertEqual(sections("video films", "--filter", "XSECTIONvideo"), {"video"})
        self.assertEqual(sections("--filter", "section:mail", "video films", "--mode", "vector"), {"mail"})
        self.assertEqual(len(sections("plays", "--filter", "tags:all", "--mode", "vector")), 8)
        both = ["--filter", "section:video", "--filter", "section:mail"]
        self.assertEqual(sections("films messages", *both), set())

    def test_a_field_of_the_configuration_works_in_the_query(self):
        found = self.hits("meta.db", "section:video films", "--mode", "words", "-k", "40")
        self.assertTrue(found)
        self.assertEqual({hit["id"].split("-")[0] for hit in found}, {"video"})

    def test_the_table_has_a_line_a_hit(self):
        lines = self.vecterm("search", "docs.db", "video films", "-k", "3").splitlines()
        self.assertEqual(lines[0].split(), ["rank", "score", "bm25", "cosine", "id", "title"])
        self.assertEqual(len(lines), 4)
        best = self.hits("docs.db", "video films")[0]
        self.assertRegex(lines[1], rf"^ +1 +{best['score']:.4f} +{best['bm25']:.4f} +{best['cosine']:.4f} +"
                                   rf"{re.escape(best['id'])} +{re.escape(best['title'])}$")

    def test_titles_cannot_steer_the_terminal(self):
        self.write("evil.jsonl", json_lines([{"_id": "evil", "title": "a\x1b[2J\nb", "text": "plays songs"}]))
        self.vecterm("index", "evil.db", "--dict", "words.dict", "evil.jsonl")
        text = self.vecterm("search", "evil.db", "songs") + self.vecterm("inspect", "evil.db", "evil")
        self.assertNotIn("\x1b", text)
        self.assertEqual(self.hits("evil.db", "songs")[0]["title"], "a\x1b[2J\nb")

    def test_nothing_that_is_shown_turns_the_terminal_or_the_direction_of_writing(self):
        signs = "\x1b\x7f\x80\x9b\x9f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"
        evil = {"_id": f"i{signs}d", "title": f"t{signs}e", "text": f"plays songs w{signs}d"}
        self.write("signs.jsonl", json_lines([evil]))
        self.write(f"s{signs}.jsonl", "{")
        self.vecterm("index", "signs.db", "--dict", "words.dict", "signs.jsonl")
        ran = [self.run_program(*arguments) for arguments in [
            ["search", "signs.db", "songs", "--explain"], ["search", "signs.db", "songs", "--explain", "--json"],
            ["inspect", "signs.db", evil["_id"]], ["inspect", "signs.db", evil["_id"], "--json"],
            ["inspect", "signs.db", f"no{signs}ne"], ["search", "signs.db", f'like:"no{signs}ne"'],
            ["index", "bad.db", "--dict", "words.dict", f"s{signs}.jsonl"], ["check", f"no{signs}ne.db"],
            ["dict", "neighbors", "words.dict", f"no{signs}ne"], ["search", "signs.db", "x", f"--no{signs}ne"],
            ["search", "signs.db", "x", "--rank", f"no{signs}ne"]]]
        for done in ran:
            with self.subTest(arguments=done.args):
                shown = (done.stdout + done.stderr).decode()
                self.assertTrue(shown)
                self.assertEqual([sign for sign in signs if sign in shown], [])
        self.assertEqual(self.hits("signs.db", "songs")[0]["title"], evil["title"])
        self.assertEqual(self.inspect("signs.db", evil["_id"])["id"], evil["_id"])

    def test_a_reader_that_goes_away_is_no_error(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = self.run_program("search", "docs.db", "video films", stdout=writing)
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


class Inspect(support.IndexedCase):
    def test_index(self):
        facts = self.inspect("docs.db")
        info = json.loads(self.vecterm("dict", "info", "words.dict", "--json"))
        self.assertEqual((facts["documents"], facts["embedded"], facts["vectors"]), (40, 40, 40))
        self.assertEqual(facts["dictionary"]["fingerprint"], info["fingerprint"])
        self.assertEqual(facts["dictionary"]["words"], info["words"])
        self.assertEqual(facts["hash_space"]["id"], info["hash_space"]["id"])
        self.assertEqual((facts["slot"], facts["codec"], facts["stemmer"]), (1001, "float16", "en"))
        self.assertEqual((facts["token_prefix"], facts["metadata"]), ("XLSH", []))

    def test_index_table(self):
        text = self.vecterm("inspect", "docs.db")
        self.assertRegex(text, r"(?m)^documents +40$")
        self.assertRegex(text, r"(?m)^ +family +cells$")

    def test_document(self):
        facts = self.inspect("docs.db", "games-2")
        self.assertEqual((facts["id"], facts["title"], facts["marker"]), ("games-2", "Maze runner", True))
        self.assertEqual(len(facts["tokens"]), 2)
        self.assertEqual(len(facts["vector"]), 16)
        self.assertAlmostEqual(math.hypot(*facts["vector"]), 1, delta=2e-3)
        self.assertRegex(self.vecterm("inspect", "docs.db", "games-2"), r"(?m)^vector .*\(16 dimensions, norm 1\.00")

    def test_a_document_without_known_words_has_a_marker_and_no_vector(self):
        self.write("odd.jsonl", json_lines([{"_id": "odd", "text": "qqqq zzzz"}]))
        self.vecterm("index", "odd.db", "--dict", "words.dict", "odd.jsonl")
        facts = self.inspect("odd.db", "odd")
        self.assertEqual((facts["tokens"], facts["marker"], facts["vector"]), ([], True, None))
        self.assertIn("none", self.vecterm("inspect", "odd.db", "odd"))
        self.assertEqual(self.inspect("odd.db")["vectors"], 0)


class Eval(support.IndexedCase):
    QUERIES = {"1": "video films", "2": "hosts network", "3": "mail messages", "4": "nothing judged"}
    JUDGEMENTS = [("1", "video-0", 2), ("1", "video-4", 1), ("1", "mail-0", 1), ("2", "network-1", 1),
                  ("3", "mail-3", 3), ("3", "mail-1", 1), ("4", "mail-1", 0)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("queries.jsonl", json_lines({"_id": id, "text": text} for id, text in cls.QUERIES.items()), True)
        cls.write("qrels.tsv", tsv([("query-id", "corpus-id", "score"), *cls.JUDGEMENTS]), True)
        cls.write("bare.tsv", tsv(cls.JUDGEMENTS))

    def expected(self, mode, rel_min):
        sums, counted = [0.0, 0.0, 0.0, 0.0], 0
        for id, text in self.QUERIES.items():
            judged = {document: score for query, document, score in self.JUDGEMENTS if query == id}
            relevant = {document for document, score in judged.items() if score >= rel_min}
            if not relevant:
                continue
            counted += 1
            ranking = [hit["id"] for hit in self.hits("docs.db", text, "--mode", mode, "-k", "1000")]
            gain = lambda scores: sum(score / math.log2(rank + 2) for rank, score in enumerate(scores))
            best = gain(sorted(judged.values(), reverse=True)[:10])
            sums[0] += gain([judged.get(document, 0) for document in ranking[:10]]) / best
            sums[1] += len(relevant.intersection(ranking[:10])) / len(relevant)
            sums[2] += len(relevant.intersection(ranking[:100])) / len(relevant)
            ranks = [rank for rank, document in enumerate(ranking[:10], 1) if document in relevant]
            sums[3] += 1 / ranks[0] if ranks else 0
        return [total / counted for total in sums] + [counted]

    def test_metrics_are_those_of_the_rankings(self):
        for mode in ["words", "vector", "mixed"]:
            for rel_min in ["1", "2"]:
                with self.subTest(mode=mode, rel_min=rel_min):
                    text = self.vecterm("eval", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv",
                                        "--mode", mode, "--rel-min", rel_min, "--threads", "2", "--json")
                    self.assertEqual(text.count("\n"), 1)
                    metrics = json.loads(text)
                    self.assertEqual(list(metrics), ["ndcg@10", "recall@10", "recall@100", "mrr@10", "queries",
                                                     "learned_queries"])
                    for met, expected in zip(metrics.values(), self.expected(mode, int(rel_min))):
                        self.assertAlmostEqual(met, expected, places=9)

    def test_the_header_of_judgements_may_be_missing_and_threads_change_nothing(self):
        run = lambda *more: self.vecterm("eval", "docs.db", "--queries", "queries.jsonl", "--json", *more)
        self.assertEqual(run("--qrels", "bare.tsv", "--threads", "1"), run("--qrels", "qrels.tsv", "--threads", "3"))

    def test_table(self):
        text = self.vecterm("eval", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv")
        self.assertRegex(text, r"^nDCG@10 +0\.\d{4}\nRecall@10 +\d\.\d{4}\nRecall@100 +\d\.\d{4}\nMRR@10 +\d\.\d{4}\n"
                               r"queries +3\n$")
