# SPDX-License-Identifier: GPL-2.0-or-later
"""What ranks hits: expressions, profiles, fitting them, and the query language of meanings."""

import json
import math
import os
import shutil

import support
from support import DOCUMENTS, QUERIES, json_lines, tsv

CONFIG = """
[metadata.section]
prefix = "XSECTION"
slot = 1
[metadata.year]
slot = 2
type = "number"
[profiles.recent]
first_phase = "bm25 + share*cosine"
second_phase = "bm25 + share*cosine + value(2)/2000"
parameters = {share = 3}
[profiles.boosted]
second_phase = "bm25 + input(boost)*cosine"
"""


class RankedCase(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train()
        cls.write("analyzer.toml", CONFIG)
        cls.vecterm("index", "docs.db", "--dict", "words.dict", "--config", "analyzer.toml", "corpus.jsonl")
        cls.year = {entry["_id"]: entry["metadata"]["year"] for entry in DOCUMENTS}
        cls.section = {entry["_id"]: entry["metadata"]["section"] for entry in DOCUMENTS}

    def check_scores(self, hits, score, places=9):
        self.assertTrue(hits)
        for hit in hits:
            self.assertAlmostEqual(hit["score"], score(hit), places=places)
        self.assertEqual([hit["docid"] for hit in hits],
                         [hit["docid"] for hit in sorted(hits, key=lambda hit: (-hit["score"], hit["docid"]))])


class Rank(RankedCase):
    def test_scores_are_the_expression(self):
        for expression, score in [
                ("bm25 + 2*cosine", lambda hit: hit["bm25"] + 2 * hit["cosine"]),
                ("bm25*(cosine >= 0.5)", lambda hit: hit["bm25"] * (hit["cosine"] >= 0.5)),
                ("log(1 + bm25) - value(2)/1000",
                 lambda hit: math.log(1 + hit["bm25"]) - self.year[hit["id"]] / 1000),
                ("1/(2 - cosine)", lambda hit: 1 / (2 - hit["cosine"])),
                ("closeness", lambda hit: 1 / (2 - hit["cosine"]))]:
            with self.subTest(expression=expression):
                hits = self.hits("docs.db", "movies on discs", "--rank", expression, "-k", "40")
                self.assertEqual(len(hits), 40)
                self.check_scores(hits, score)

    def test_fusion_is_that_of_the_two_lists(self):
        hits = self.hits("docs.db", "video films", "--rank", "rrf(60)", "-k", "40")
        words = [hit["id"] for hit in sorted(hits, key=lambda hit: (-hit["bm25"], hit["docid"])) if hit["bm25"] > 0]
        near = [hit["id"] for hit in sorted(hits, key=lambda hit: (-hit["cosine"], hit["docid"]))]
        place = lambda ids, id: 1 / (61 + ids.index(id)) if id in ids else 0
        self.check_scores(hits, lambda hit: place(words, hit["id"]) + place(near, hit["id"]))

    def test_wrong_expressions_are_refused_with_position_and_suggestion(self):
        for expression, says in [("bm25 + cosin", ["8", "did you mean 'cosine'?"]), ("bm25 +", "7"),
                                 ("rrf(", "5"), ("rrf(60, 2)", "rrf"), ("bm25 $ 2", "6"), ("value(x)", "7"),
                                 ("minmax(minmax(bm25))", "minmax"), ("(bm25", "'(' at 1 is not closed"), ("bm25)", "5"),
                                 ("bm2", "did you mean 'bm25'?")]:
            with self.subTest(expression=expression):
                self.check_failure(2, "search", "docs.db", "films", "--rank", expression, says=["vecterm: expression: ", *([says] if isinstance(says, str) else says)])

    def test_profiles_and_inputs(self):
        hits = self.hits("docs.db", "movies on discs", "--profile", "recent", "-k", "40")
        self.check_scores(hits, lambda hit: hit["bm25"] + 3 * hit["cosine"] + self.year[hit["id"]] / 2000)
        hits = self.hits("docs.db", "movies on discs", "--profile", "boosted", "--input", "boost=2.5", "-k", "40")
        self.check_scores(hits, lambda hit: hit["bm25"] + 2.5 * hit["cosine"])
        self.check_failure(2, "search", "docs.db", "films", "--profile", "boosted", says="input 'boost'")
        self.check_failure(2, "search", "docs.db", "films", "--profile", "none", says="boosted, recent")
        self.check_failure(2, "search", "docs.db", "films", "--profile", "recent", "--rank", "bm25", says="--rank")
        for text in ["boost", "=2", "boost=two", "boost="]:
            self.check_failure(2, "search", "docs.db", "films", "--profile", "boosted", "--input", text,
                               says="--input")

    def test_minimum_score_and_cosine(self):
        hits = self.hits("docs.db", "movies on discs", "-k", "40")
        bar = (hits[6]["score"] + hits[7]["score"]) / 2
        self.assertEqual(self.hits("docs.db", "movies on discs", "-k", "40", "--min-score", repr(bar)), hits[:7])
        near = {hit["id"] for hit in self.hits("docs.db", "movies on discs", "-k", "40") if hit["cosine"] >= 0.5}
        self.assertTrue(0 < len(near) < 40)
        for text, more in [("movies on discs", ["--min-cosine", "0.5"]), ("movies on discs cosine>=0.5", [])]:
            found = self.hits("docs.db", text, "-k", "40", *more)
            self.assertEqual({hit["id"] for hit in found}, near)
        self.check_failure(2, "search", "docs.db", "films", "--min-cosine", "2", says="[-1, 1]; was 2")
        self.assertEqual(self.run_program("search", "docs.db", "films", "--min-score", "1e9").returncode, 1)

    def test_pages_make_up_the_whole(self):
        for more in [[], ["--rank", "rrf(60)"], ["--mode", "words"], ["--mode", "vector"], ["--profile", "recent"]]:
            with self.subTest(more=more):
                pages = []
                for offset in range(0, 48, 6):
                    pages += self.hits("docs.db", "lines of text", "-k", "6", "--offset", str(offset), *more)
                whole = self.hits("docs.db", "lines of text", "-k", "40", *more)
                self.assertEqual(sorted(hit["id"] for hit in pages), sorted(hit["id"] for hit in whole))
                self.assertEqual(pages[:6], whole[:6])
        lines = self.vecterm("search", "docs.db", "lines of text", "-k", "3", "--offset", "3").splitlines()
        self.assertEqual([line.split()[0] for line in lines[1:]], ["4", "5", "6"])

    def test_collapse_by_field_and_slot(self):
        whole = self.hits("docs.db", "movies on discs", "-k", "40")
        best = {}
        for hit in whole:
            best.setdefault(self.section[hit["id"]], []).append(hit["id"])
        for name in ["section", "1"]:
            hits = self.hits("docs.db", "movies on discs", "-k", "40", "--collapse", name)
            self.assertEqual([hit["id"] for hit in hits], [ids[0] for ids in best.values()])
            self.assertEqual([hit.get("collapsed", 0) for hit in hits], [len(ids) - 1 for ids in best.values()])
        self.assertIn("(and 4 like it)", self.vecterm("search", "docs.db", "movies", "-k", "40", "--collapse", "section"))
        self.check_failure(2, "search", "docs.db", "films", "--collapse", "sektion",
                           says=["section, year", 'was "sektion"'])
        self.check_failure(2, "search", "docs.db", "films", "--collapse", "4294967296", says='was "4294967296"')

    def test_explanations_add_up(self):
        lines = self.vecterm("search", "docs.db", 'movies films ~"songs"^0.5 like:mail-0', "--explain", "--json",
                             "--count", "--probes", "8", "--plan", "probe").splitlines()
        report = json.loads(lines[0])
        for key in ["plan", "reason", "ranking", "matches", "generation", "probes"]:
            self.assertIn(key, report)
        self.assertEqual((report["plan"], report["generation"]), ("probe", 0))
        self.assertEqual(report["matches"]["least"], report["matches"]["most"])
        self.assertEqual(len(lines), 11)
        for line in lines[1:]:
            hit = json.loads(line)
            for side in ["query", "document"]:
                total = math.fsum(share["share"] for share in hit[side + "_shares"]) + hit[side + "_rounding"]
                self.assertAlmostEqual(total, hit["cosine"], places=9)
            self.assertEqual(len(hit["tables"]), len(hit["tokens"]))
            for table, token in zip(hit["tables"], hit["tokens"]):
                self.assertEqual(int(token.split("_")[1], 16), table)
            self.assertEqual((hit["features"]["bm25"], hit["features"]["cosine"]), (hit["bm25"], hit["cosine"]))
            self.assertEqual(hit["features"]["votes"], len(hit["tokens"]))
            self.assertEqual(set(hit["features"]),
                             {"bm25", "cosine", "distance", "closeness", "votes", "doclength", "rank_words",
                              "rank_cosine", "max_bm25", "max_cosine", "saturation", "coverage", "words",
                              "asked", "mean_cosine", "dimensions"})
            if hit["bm25"] == 0:
                self.assertIsNone(hit["features"]["rank_words"])

    def test_vectors_alone_are_counted_too(self):
        lines = self.vecterm("search", "docs.db", "movies", "--mode", "vector", "-k", "40", "--explain",
                             "--json").splitlines()
        self.assertEqual(json.loads(lines[0])["matches"]["estimated"], 40)


class Meanings(RankedCase):
    def test_meanings_lead_to_and_away(self):
        found = lambda text: [hit["id"] for hit in self.hits("docs.db", text, "--mode", "vector")]
        self.assertTrue(all(id.startswith("video") for id in found('~"watch movies"')[:4]))
        self.assertTrue(all(id.startswith("mail") for id in found("inbox ~movies^0.001 ~inbox")[:4]))
        self.assertNotIn("mail-0", found("like:mail-0"))
        away = found('~"movies" -~"songs"')
        self.assertFalse(any(id.startswith("music") for id in away))
        both = found("like:mail-0 like:games-1")
        self.assertFalse({"mail-0", "games-1"} & set(both))
        self.assertTrue({id.split("-")[0] for id in both} >= {"mail", "games"})

    def test_wrong_queries_are_refused_with_the_column(self):
        for text, says in [('movies ~"songs', "column 9"), ("movies cosine>=2", "column 16"),
                           ("~movies^0", "column 9"), ("movies ~qqqq", "column 8"), ("(movies ~songs)", "column"),
                           ("cosine>=0.1 cosine>=0.2 movies", "column 13")]:
            with self.subTest(text=text):
                self.check_failure(2, "search", "docs.db", text, says=["query", says])
        self.check_failure(2, "search", "docs.db", "movies ~songs", "--mode", "words", says="column 8")
        self.check_failure(3, "search", "docs.db", "like:nobody", says="nobody")

    def test_unknown_words_get_a_note(self):
        done = self.run_program("search", "docs.db", "qqqq", "--mode", "vector")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"the dictionary knows no word of the query", done.stderr)


class Profiles(RankedCase):
    def profiles(self, *arguments):
        text = self.vecterm("profiles", *arguments, "--json")
        return {profile.pop("name"): profile for profile in map(json.loads, text.splitlines())}

    def test_adding_listing_and_removing(self):
        shutil.copytree(self.path("docs.db"), self.path("listed.db"))
        self.assertEqual(set(self.profiles("listed.db")), {"default", "recent", "boosted"})
        self.write("more.toml", '[profiles.default]\nsecond_phase = "cosine"\n'
                                '[profiles.recent]\nfirst_phase = "bm25"\nwindow = 7\n')
        profiles = self.profiles("listed.db", "--config", "more.toml")
        self.assertEqual(profiles["recent"], {"first_phase": "bm25", "second_phase": "", "window": 7,
                                              "parameters": {}})
        self.check_scores(self.hits("listed.db", "movies on discs"), lambda hit: hit["cosine"])
        self.assertEqual(set(self.profiles("listed.db", "--remove", "recent", "--remove", "default")),
                         {"default", "boosted"})
        done = self.run_program("profiles", "listed.db")
        self.assertRegex(done.stdout.decode(), r"(?m)^profile +boosted$")
        self.assertIn(b"built-in", done.stderr)
        self.assertEqual(self.hits("listed.db", "movies on discs"), self.hits("docs.db", "movies on discs"))

    def test_what_is_refused(self):
        self.check_failure(2, "profiles", "docs.db", "--remove", "none", says='no profile "none"')
        self.write("bad.toml", '[profiles.bad]\nsecond_phase = "bm25 + cosin"\n')
        self.check_failure(2, "profiles", "docs.db", "--config", "bad.toml", says=["line 1", "cosine"])
        self.write("empty.toml", 'stemmer = "en"\n')
        self.check_failure(2, "profiles", "docs.db", "--config", "empty.toml", says="no [profiles.NAME]")
        self.check_failure(3, "profiles", "docs.db", "--config", "missing.toml", says="missing.toml")
        self.check_failure(3, "profiles", "missing.db", says="missing.db")


class TuneRank(RankedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        entries = [(topic, text) for topic, texts in QUERIES.items() for text in texts]
        cls.write("queries.jsonl", json_lines({"_id": str(i), "text": text} for i, (_, text) in enumerate(entries)))
        cls.write("qrels.tsv", tsv((i, f"{topic}-{number}", 1) for i, (topic, _) in enumerate(entries)
                                   for number in range(5)))
        cls.write("poor.toml", '[profiles.poor]\nfirst_phase = "bm25/saturation - share*cosine"\n'
                               'second_phase = "bm25/saturation + gain*cosine - share*cosine"\n'
                               'parameters = {share = 1, gain = 0.25}\n')
        cls.vecterm("profiles", "docs.db", "--config", "poor.toml")

    def tune(self, database, *arguments):
        return self.run_program("tune-rank", database, "--queries", "queries.jsonl", "--qrels", "qrels.tsv",
                                "--profile", "poor", *arguments)

    def stored(self, database):
        for line in self.vecterm("profiles", database, "--json").splitlines():
            if json.loads(line)["name"] == "poor":
                return json.loads(line)["parameters"]
        return None

    def test_what_was_fitted_is_stored_but_for_a_dry_run(self):
        shutil.copytree(self.path("docs.db"), self.path("fitted.db"))
        before = self.stored("fitted.db")
        done = self.tune("fitted.db", "--dry-run", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        dry = json.loads(done.stdout)
        self.assertEqual((dry["stored"], self.stored("fitted.db")), (False, before))
        self.assertIn(b"nothing was stored", done.stderr)
        self.assertGreater(dry["ndcg@10_after"], dry["ndcg@10_before"])
        self.assertEqual((dry["parameters_before"], dry["queries"], len(dry["folds"])), (before, 24, 5))
        self.assertEqual(sum(fold["queries"] for fold in dry["folds"]), 24)
        done = self.tune("fitted.db")
        self.assertEqual(self.stored("fitted.db"), dry["parameters"])
        lines = done.stdout.decode().splitlines()
        self.assertEqual(len(lines), 9)
        self.assertRegex(lines[6], rf"^ +all +24 +{dry['ndcg@10_before']:.4f} +{dry['ndcg@10_after']:.4f}$")
        self.assertIn(b"stored in fitted.db", done.stderr)
        again = json.loads(self.tune("fitted.db", "--json").stdout)
        self.assertAlmostEqual(again["ndcg@10_before"], 1, delta=0.2)

    def test_features_for_other_learners(self):
        self.assertEqual(self.tune("docs.db", "--dry-run", "--export", "features.txt").returncode, 0)
        lines = self.read("features.txt").decode().splitlines()
        self.assertTrue(lines[0].startswith("# 1:bm25 2:cosine 3:distance"))
        for line in lines[1:]:
            self.assertRegex(line, r"^[01] qid:\d+( \d+:[-+.e\d]+){16} # docid \d+$")
        self.assertEqual({line.split()[1] for line in lines[1:]}, {f"qid:{number}" for number in range(1, 25)})

    def test_what_is_refused(self):
        run = lambda *more: ["tune-rank", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv", *more]
        self.check_failure(2, *run("--folds", "1"), says="folds must be in [2, 100]; was 1")
        self.check_failure(2, *run("--folds", "25"), says="24; was 25")
        self.check_failure(2, *run("--candidates", "5"), says="candidates must be in [10, 10000]; was 5")
        self.check_failure(2, *run("--profile", "none"), says='no profile "none"')
        self.check_failure(2, *run("--profile", "boosted"), says="parameters to fit")
        self.check_failure(5, *run("--export", "missing/features.txt"), says="missing/features.txt")
        self.check_failure(3, *run("--rel-min", "3"))
        self.assertFalse(os.path.exists(self.path("missing")))
