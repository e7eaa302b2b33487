# SPDX-License-Identifier: GPL-2.0-or-later
"""New dictionaries for an index that is there: reindex and generations."""

import json
import os
import shutil
import signal
import subprocess
import time

import support
import xapian


def add_document(path, text):
    """As a program would that knows nothing of vecterm, as soon as it gets the lock."""
    for _ in range(1000):
        try:
            database = xapian.WritableDatabase(path, xapian.DB_OPEN)
            break
        except xapian.DatabaseLockError:
            time.sleep(0.01)
    generator = xapian.TermGenerator()
    document = xapian.Document()
    generator.set_document(document)
    generator.index_text(text)
    database.add_document(document)
    database.commit()
    database.close()


class GenerationsCase(support.IndexedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train("other.dict", "--seed", "2")
        cls.train("third.dict", "--seed", "3")

    def setUp(self):
        shutil.rmtree(self.path("db"), ignore_errors=True)
        shutil.copytree(self.path("docs.db"), self.path("db"))

    def generations(self, *arguments):
        lines = self.vecterm("generations", "db", *arguments, "--json").splitlines()
        return [json.loads(line) for line in lines]

    def reindex(self, *arguments):
        return json.loads(self.vecterm("reindex", "db", *arguments, "--json"))

    def fingerprint(self, dictionary):
        return json.loads(self.vecterm("dict", "info", dictionary, "--json"))["fingerprint"]


class Generations(GenerationsCase):
    def sidecars(self):
        return [name for name in os.listdir(self.path("db")) if name.endswith(".rows")]

    def test_only_the_serving_generation_has_a_sidecar_and_deleting_keeps_it_current(self):
        old = self.sidecars()
        self.assertEqual(len(old), 1)
        self.reindex("--dict", "other.dict")
        for arguments in [["generations", "db", "activate", "1"], ["delete", "db", "video-1"],
                          ["generations", "db", "rollback"], ["delete", "db", "video-2"]]:
            with self.subTest(arguments=arguments):
                self.vecterm(*arguments)
                self.assertEqual(len(self.sidecars()), 1)
                findings = json.loads(self.vecterm("check", "db", "--json"))["findings"]
                self.assertEqual([one["kind"] for one in findings if "sidecar" in one["kind"]], [])

    def test_an_index_has_one_generation(self):
        [only] = self.generations()
        self.assertEqual((only["generation"], only["serving"], only["documents"], only["done"]), (0, True, 40, 1))
        self.assertEqual(only["dictionary"], self.fingerprint("words.dict"))
        self.assertLess(abs(time.time() - only["since"]), 3600)

    def test_a_new_hash_space_is_built_beside_activated_rolled_back_and_retired(self):
        before = self.hits("db", "movies")
        plan = self.reindex("--dict", "other.dict", "--dry-run")
        self.assertEqual((plan["kind"], plan["documents"]), ("generation", 40))
        self.assertEqual(len(self.generations()), 1)
        self.assertEqual(self.reindex("--dict", "other.dict"), plan)
        self.assertEqual([(g["generation"], g["serving"], g["documents"]) for g in self.generations()],
                         [(0, True, 40), (1, False, 40)])
        self.assertEqual(self.hits("db", "movies"), before)
        self.vecterm("index", "fresh.db", "--dict", "other.dict", "corpus.jsonl")
        self.assertEqual([g["serving"] for g in self.generations("activate", "1")], [True, False])
        again = self.run_program("generations", "db", "activate", "1")
        self.assertEqual(again.returncode, 0)
        self.assertIn(b"generation 1 serves already", again.stderr)
        self.assertEqual(self.hits("db", "movies"), self.hits("fresh.db", "movies"))
        self.assertEqual([g["generation"] for g in self.generations("rollback")], [0, 1])
        self.assertEqual(self.hits("db", "movies"), before)
        self.assertEqual([g["generation"] for g in self.generations("retire", "1")], [0])
        self.assertEqual([name for name in os.listdir(self.path("db")) if name.endswith(".dict")],
                         [f"vecterm-{self.fingerprint('words.dict')}.dict"])

    def test_people_get_a_table(self):
        self.vecterm("reindex", "db", "--dict", "other.dict")
        lines = self.vecterm("generations", "db").splitlines()
        self.assertEqual(len({len(line.split()) for line in lines}), 2)  # an age has a unit
        self.assertIn("serving", lines[1])
        self.assertIn(self.fingerprint("other.dict"), lines[2])

    def test_what_is_done_is_told(self):
        done = self.run_program("reindex", "db", "--dict", "other.dict")
        self.assertIn(b"computed 40 documents", done.stderr)
        self.assertIn(b"`vecterm generations db activate 1`", done.stderr)

    def test_mistakes_are_refused_with_what_to_do(self):
        self.check_failure(2, "generations", "db", "activate", says="lists them")
        self.check_failure(2, "generations", "db", "activate", "x", says="whole number")
        self.check_failure(2, "generations", "db", "activate", "1", says="0 alone; was 1")
        self.check_failure(2, "generations", "db", "retire", "0", says="0 serves")
        self.check_failure(2, "generations", "db", "rollback", says="no generation that served before 0")
        self.check_failure(2, "generations", "db", "rollback", "1", says="rollback takes no ID")
        self.check_failure(2, "generations", "db", "drop", "1", says="ACTION")
        self.check_failure(3, "generations", "missing", says="no database")
        self.check_failure(3, "reindex", "missing", "--dict", "other.dict", says="no database")
        self.check_failure(3, "reindex", "db", "--dict", "corpus.jsonl", says="corpus.jsonl")
        self.check_failure(2, "reindex", "db", "--dict", "other.dict", "--dry-run", "--watch", says="exclude")
        self.check_failure(2, "reindex", "db", "--rate", "-1", says="rate must be in")
        self.vecterm("reindex", "db", "--dict", "other.dict")
        self.check_failure(3, "reindex", "db", "--dict", "third.dict", says="retire 1")
        self.check_failure(3, "index", "db", "--dict", "other.dict", "corpus.jsonl", says="vecterm reindex")

    def test_a_locked_index_is_waited_for(self):
        database = xapian.WritableDatabase(self.path("db"), xapian.DB_OPEN)
        self.check_failure(4, "reindex", "db", "--dict", "other.dict", "--lock-seconds", "0.1", says="lock")
        database.close()
        self.reindex("--dict", "other.dict")

    def test_a_missing_dictionary_is_looked_for_in_the_search_path(self):
        name = f"vecterm-{self.fingerprint('words.dict')}.dict"
        os.makedirs(self.path("shelf"), exist_ok=True)
        os.rename(os.path.join(self.path("db"), name), os.path.join(self.path("shelf"), name))
        self.assertIn("video", self.vecterm("search", "db", "movies"))  # in a directory beside it
        alone = os.path.join(self.path("alone"), "db")
        shutil.rmtree(alone, ignore_errors=True)
        shutil.copytree(self.path("db"), alone)
        self.check_failure(3, "search", alone, "movies", says=[name, "VECTERM_DICTIONARIES", "--mode words"])
        words = self.run_program("search", alone, "video", "--mode", "words")
        self.assertEqual(words.returncode, 0)
        self.assertIn(b"is missing", words.stderr)
        environment = dict(os.environ, VECTERM_DICTIONARIES=":/nowhere:" + self.path("shelf"))
        self.assertIn("video", self.vecterm("search", alone, "movies", env=environment))
        self.write("asked.jsonl", '{"_id":"a","text":"movies clips"}\n{"_id":"b","text":"video player"}\n')
        self.write("judged.tsv", "a\tvideo-1\t1\nb\tvideo-2\t1\n")
        self.write("ranking.toml", '[profiles.by_words]\nsecond_phase = "bm25"\n')
        judged = ["--queries", "asked.jsonl", "--qrels", "judged.tsv"]
        for verb, *arguments in (["inspect"], ["profiles"], ["profiles", "--config", "ranking.toml"], ["tune"],
                                 ["tune-rank", *judged, "--folds", "2"], ["eval", *judged], ["reindex"], ["check"]):
            with self.subTest(verb=verb, arguments=arguments):
                self.assertEqual(self.run_program(verb, alone, *arguments).returncode, 3)
                self.vecterm(verb, alone, *arguments, env=environment)


class GenerationsWithNGrams(Generations):
    TRAINED_WITH = ["--ngrams"]


class OutsideWriters(GenerationsCase):
    def test_documents_of_other_programs_are_embedded(self):
        add_document(self.path("db"), "plays films and video clips")
        self.assertEqual(self.reindex()["edited"], 1)
        self.assertEqual(self.generations()[0]["documents"], 41)
        self.assertIn(41, [hit["docid"] for hit in self.hits("db", "movies")])

    def test_while_watched_an_index_is_kept_up_until_it_is_interrupted(self):
        watching = subprocess.Popen([support.PROGRAM, "reindex", "db", "--watch"], cwd=self.directory,
                                    stderr=subprocess.PIPE)
        try:
            stderr = b""
            while b"stop with Ctrl-C" not in stderr:
                stderr += watching.stderr.readline()
            for _ in range(3):
                add_document(self.path("db"), "plays films and video clips")
            for _ in range(300):
                if self.generations()[0]["documents"] == 43:
                    break
                time.sleep(0.1)
        finally:
            watching.send_signal(signal.SIGINT)
            _, rest = watching.communicate(timeout=60)
        self.assertEqual(watching.returncode, 0, rest)
        self.assertEqual(self.generations()[0]["documents"], 43)
        self.assertIn(b"embedded", rest)
