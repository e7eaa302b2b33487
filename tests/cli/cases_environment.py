# SPDX-License-Identifier: GPL-2.0-or-later
"""What a command does where the system refuses: closed descriptors, limits, permissions, read-only file systems. It
says so by its exit code and a message, calls nothing damaged, and leaves what was committed."""

import os
import resource
import shutil
import subprocess
import unittest

import support
from support import TRAINING

IMPORT = ["--family", "hyperplane", "--tables", "2", "--bits", "4"]
SYSTEM = 6
NOBODY = 65534


def closing(descriptor):
    return lambda: os.close(descriptor)


def limiting(limit, most):
    return lambda: resource.setrlimit(limit, (most, most))


def becoming_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


class Environment(support.IndexedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vecterm("dict", "export", "words.dict", "-o", "words.vec")
        cls.train("other.dict", "--seed", "5", "--cells", "6")
        cls.write("log.tsv", "movies\tvideo-1\tclick\t3\n")
        cls.write("queries.jsonl", '{"_id": "1", "text": "films"}\n')
        cls.write("qrels.tsv", "1\tvideo-1\t1\n1\tvideo-2\t1\n")
        cls.write("more.jsonl", '{"_id": "more", "text": "films and songs"}\n')
        cls.write("profiles.toml", '[profiles.plain]\nexpression = "bm25"\n')
        # What each verb does to a copy of the index, "x.db", and the files that it makes.
        cls.verbs = {
            "train": (["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "out"], ["out"]),
            "dict export": (["dict", "export", "words.dict", "-o", "out"], ["out"]),
            "dict import": (["dict", "import", "words.vec", *IMPORT, "-o", "out"], ["out"]),
            "dict convert": (["dict", "convert", "words.dict", "--codec", "int8", "-o", "out"], ["out"]),
            "dict align": (["dict", "align", "words.dict", "other.dict", "-o", "out"], ["out"]),
            "dict map": (["dict", "map", "words.dict", "-o", "out"], ["out"]),
            "enrich": (["enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "out"], ["out"]),
            "index": (["index", "x.db", "--dict", "words.dict", "more.jsonl"], []),
            "reindex": (["reindex", "x.db", "--dict", "other.dict"], []),
            "delete": (["delete", "x.db", "video-1"], []),
            "tune": (["tune", "x.db", "--sample", "10"], []),
            "check": (["check", "x.db"], []),
            "check --repair": (["check", "x.db", "--repair"], []),
            "search": (["search", "x.db", "films", "--mode", "vector"], []),
            "generations": (["generations", "x.db"], []),
            "profiles": (["profiles", "x.db"], []),
            "inspect": (["inspect", "x.db"], []),
            "eval": (["eval", "x.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv"], []),
        }
        # They print nothing on standard output.
        cls.silent = {"train", "dict export", "dict import", "dict convert", "dict align", "dict map", "enrich", "index",
                      "reindex", "delete", "check", "check --repair"}

    def fresh(self):
        shutil.rmtree(self.path("x.db"), ignore_errors=True)
        shutil.copytree(self.path("docs.db"), self.path("x.db"))
        if os.path.exists(self.path("out")):
            os.remove(self.path("out"))

    def outcome(self, verb, **keywords):
        """Runs a verb on a fresh copy. Returns how it ended and what it made."""
        self.fresh()
        names = set(os.listdir(self.directory))
        arguments, made = self.verbs[verb]
        done = self.run_program(*arguments, **keywords)
        self.assertLessEqual(set(os.listdir(self.directory)) - names, set(made))
        return done, [self.read(name) for name in made if os.path.exists(self.path(name))]

    def check_whole(self, verb):
        """The index, or what was committed of it, is sound, and the next run finds nothing in its way."""
        done = self.run_program("check", "x.db")
        self.assertEqual(done.returncode, 0, done.stderr)
        if verb not in ("index", "reindex", "delete", "tune", "check --repair"):
            return  # it writes none
        if verb == "reindex":
            self.vecterm("reindex", "x.db", "--dict", "other.dict")
        else:
            self.vecterm("index", "x.db", "--dict", "words.dict", "more.jsonl")

    def check_refused(self, verb, done, codes=(SYSTEM,)):
        """It was stopped by the system and says so in one way."""
        said = done.stderr.decode()
        self.assertIn(done.returncode, codes, f"{verb}: {said}")
        for wrong in ["damage", "anew", "another program"]:
            self.assertNotIn(wrong, said)
        self.assertIn("vecterm: ", said)

    def test_a_closed_standard_descriptor_gets_no_file(self):
        for verb in self.verbs:
            expected, made = self.outcome(verb)
            self.assertEqual(expected.returncode, 0, expected.stderr)
            for descriptor in (0, 1, 2):
                with self.subTest(verb=verb, descriptor=descriptor):
                    done, wrote = self.outcome(verb, preexec_fn=closing(descriptor))
                    fails = descriptor == 1 and verb not in self.silent
                    self.assertEqual(done.returncode, 5 if fails else 0, done.stderr)
                    self.assertEqual(wrote, made)
                    if descriptor != 2 and expected.stderr:
                        self.assertIn(b"vecterm: ", done.stderr)
                    self.check_whole(verb)

    def check_limits(self, limit, values, advice):
        """Whatever the limit, a verb succeeds or is refused. Returns how many were refused."""
        refused = 0
        for verb in self.verbs:
            for value in values:
                with self.subTest(verb=verb, most=value):
                    done, _ = self.outcome(verb, preexec_fn=limiting(limit, value))
                    if done.returncode in (0, 127):  # without room for its libraries no program starts
                        continue
                    refused += 1
                    self.check_refused(verb, done)
                    self.assertIn(advice, done.stderr)
                    self.check_whole(verb)
        return refused

    @unittest.skipIf("ASAN_OPTIONS" in os.environ, "sanitizers need descriptors of their own")
    def test_too_few_descriptors_are_an_error_of_the_system(self):
        refused = self.check_limits(resource.RLIMIT_NOFILE, [4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 24], b"ulimit -n")
        self.assertGreater(refused, 20)

    @unittest.skipIf("ASAN_OPTIONS" in os.environ, "sanitizers need address space of their own")
    def test_too_little_memory_is_an_error_of_the_system(self):
        sizes = [megabytes << 20 for megabytes in (42, 44, 46, 48, 52, 56, 64, 80, 120)]
        self.check_limits(resource.RLIMIT_AS, sizes, b"")

    def test_a_file_that_may_not_grow_is_no_signal(self):
        for verb in ("train", "dict export", "dict import", "dict convert", "enrich", "index", "reindex"):
            for most in (1024, 8192, 20000, 40000):
                with self.subTest(verb=verb, most=most):
                    done, _ = self.outcome(verb, preexec_fn=limiting(resource.RLIMIT_FSIZE, most))
                    if done.returncode == 0:
                        continue
                    self.check_refused(verb, done, codes=(5,))
                    self.assertIn(self.run_program("check", "x.db").returncode, (0,))

    def test_a_missing_permission_is_an_error_of_the_system(self):
        if os.getuid() != 0:
            self.skipTest("only root can be somebody else")
        os.chmod(self.directory, 0o755)
        for verb in ("index", "delete", "reindex", "check --repair"):
            with self.subTest(verb=verb, missing="writing"):
                self.fresh()
                if verb == "check --repair":  # something to repair
                    for name in os.listdir(self.path("x.db")):
                        if name.endswith(".rows"):
                            os.remove(self.path(os.path.join("x.db", name)))
                done = self.run_program(*self.verbs[verb][0], preexec_fn=becoming_nobody)
                self.check_refused(verb, done)
                self.assertIn(b"Permission denied", done.stderr)
        self.fresh()
        self.assertEqual(self.run_program("check", "x.db", preexec_fn=becoming_nobody).returncode, 0)
        hidden = ["x.db", "x.db/postlist.glass", "x.db/iamglass"]
        hidden += ["x.db/" + name for name in os.listdir(self.path("x.db")) if name.endswith((".dict", ".rows"))]
        for name in hidden:
            for verb in ("check", "search", "inspect"):
                with self.subTest(verb=verb, hidden=name):
                    self.fresh()
                    os.chmod(self.path(name), 0)
                    done = self.run_program(*self.verbs[verb][0], preexec_fn=becoming_nobody)
                    if name.endswith(".rows") and verb != "check":  # readers need no sidecar
                        self.assertEqual(done.returncode, 0, done.stderr)
                        continue
                    self.check_refused(verb, done)

    def test_a_read_only_file_system_refuses_to_write(self):
        if os.getuid() != 0 or not shutil.which("unshare"):
            self.skipTest("only root can mount")
        for verb in ("index", "delete", "reindex", "check", "search"):
            with self.subTest(verb=verb):
                self.fresh()
                mounted = 'mount --bind x.db x.db && mount -o remount,bind,ro x.db && exec "$@"'
                command = ["unshare", "-m", "sh", "-c", mounted, "sh", support.PROGRAM, *self.verbs[verb][0]]
                done = subprocess.run(command, cwd=self.directory, capture_output=True, timeout=60, check=False)
                if verb in ("check", "search"):
                    self.assertEqual(done.returncode, 0, done.stderr)
                else:
                    self.check_refused(verb, done, codes=(5,))
                    self.assertIn(b"Read-only file system", done.stderr)
