# SPDX-License-Identifier: GPL-2.0-or-later
"""Dictionaries with n-grams, hashed or not: what the verbs make of them."""

import json
import shutil

import support
from support import PAIRS, TRAINING, tsv

NGRAMS = {"plain": [], "hashed": ["--hash-rows", "300"]}


class NGrams(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train("words.dict", "--no-ngrams")
        cls.vecterm("index", "words.db", "--dict", "words.dict", "corpus.jsonl")
        for name, options in NGRAMS.items():
            cls.train(f"{name}.dict", *options)
            cls.vecterm("index", f"{name}.db", "--dict", f"{name}.dict", "corpus.jsonl")

    def info(self, name):
        return json.loads(self.vecterm("dict", "info", name, "--json"))

    def update(self, name):
        """An update of a dictionary by pairs with a new word."""
        kept = [part for option, value in zip(TRAINING[::2], TRAINING[1::2]) if option not in ("--dim", "--cells")
                for part in (option, value)]
        self.write("more.tsv", tsv(PAIRS + [("search", "flicks", f"video-{number}") for number in range(5)]))
        self.vecterm("train", "-o", f"new_{name}.dict", "--update", f"{name}.dict", "--pairs", "more.tsv", "--corpus",
                     "corpus.jsonl", *kept)
        return f"new_{name}.dict"

    def test_what_a_dictionary_has_is_counted_by_kinds(self):
        words = self.info("words.dict")
        self.assertEqual((words["bigrams"], words["trigrams"], words["components"]), (0, 0, 0))
        for name in NGRAMS:
            info = self.info(f"{name}.dict")
            self.assertEqual(info["words"], words["words"])
            self.assertGreater(info["bigrams"], 0)
            self.assertGreater(info["trigrams"], 100)
            self.assertEqual(info["components"], 300 if name == "hashed" else 0)
            told = self.inspect(f"{name}.db")["dictionary"]
            self.assertEqual({key: told[key] for key in ("words", "bigrams", "trigrams", "components")},
                             {key: info[key] for key in ("words", "bigrams", "trigrams", "components")})
            for text in (self.vecterm("dict", "info", f"{name}.dict"), self.vecterm("inspect", f"{name}.db")):
                self.assertRegex(text, rf"(?m)^ *trigrams +{info['trigrams']}$")
        self.assertNotIn("trigrams", self.vecterm("dict", "info", "words.dict"))

    def test_misspelled_words_find_what_is_meant(self):
        self.assertEqual(self.hits("words.db", "cinemaa", "--mode", "vector"), [])
        for name in NGRAMS:
            best = self.hits(f"{name}.db", "cinemaa", "--mode", "vector")
            self.assertTrue(best[0]["id"].startswith("video-"), name)

    def test_explanations_have_bigrams_and_unknown_words_with_their_trigrams(self):
        for name in NGRAMS:
            hit = self.hits(f"{name}.db", "cinemaa at home 4711", "--mode", "vector", "--explain")[1]
            shares = {word["word"]: word["share"] for word in hit["query_shares"]}
            self.assertIn("at home", shares)
            self.assertIn("cinemaa", shares)
            self.assertEqual(hit["unknown"], ["4711"])
            self.assertAlmostEqual(sum(shares.values()), hit["cosine"], places=5)

    def test_neighbors_of_an_unknown_word_are_words_and_bigrams(self):
        for name in NGRAMS:
            lines = self.vecterm("dict", "neighbors", f"{name}.dict", "cinemaa", "--json").splitlines()
            found = [json.loads(line)["neighbor"] for line in lines]
            self.assertEqual(len(found), 10)
            self.assertFalse([entry for entry in found if entry.startswith(" ")])
            self.vecterm("dict", "neighbors", f"{name}.dict", "at home")
            self.check_failure(1, "dict", "neighbors", f"{name}.dict", "4711", says="'4711'")

    def test_export_writes_words_and_says_what_it_leaves_out(self):
        for name in NGRAMS:
            done = self.run_program("dict", "export", f"{name}.dict", "-o", "out.vec")
            self.assertEqual(done.returncode, 0)
            info = self.info(f"{name}.dict")
            self.assertIn(f"{info['bigrams']} bigrams, {info['trigrams']} trigrams", done.stderr.decode())
            lines = self.read("out.vec").decode().splitlines()
            self.assertEqual(lines[0], f"{info['words']} 16")
            self.assertEqual({len(line.split(" ")) for line in lines[1:]}, {17})

    def test_a_map_shows_words(self):
        self.vecterm("dict", "map", "plain.dict", "-o", "map.svg")
        self.assertNotIn("at home<", self.read("map.svg").decode())

    def test_an_index_follows_and_a_hashed_dictionary_warns_in_advance(self):
        for name in NGRAMS:
            new = self.update(name)
            found = json.loads(self.vecterm("dict", "diff", f"{name}.dict", new, "--json"))
            self.assertEqual(found["hashed"], name == "hashed")
            self.assertEqual(sum(found["kinds"]["added"].values()), found["added"])
            self.assertGreater(found["changed_share"], 0.5 if name == "hashed" else 0)
            warning = "nearly every document changes"
            self.vecterm("index", "db", "--dict", f"{name}.dict", "corpus.jsonl")
            for command in (["dict", "diff", f"{name}.dict", new],
                            ["reindex", "db", "--dict", new, "--dry-run"],
                            ["reindex", "db", "--dict", new]):
                done = self.run_program(*command)
                self.assertEqual(done.returncode, 0, done.stderr.decode())
                self.assertEqual(warning in done.stderr.decode(), name == "hashed", command)
            self.vecterm("index", f"fresh_{name}.db", "--dict", new, "corpus.jsonl")
            self.assertEqual(self.inspect("db", "video-1"), self.inspect(f"fresh_{name}.db", "video-1"))
            self.vecterm("check", "db")
            shutil.rmtree(self.path("db"))
