# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that can go wrong has its exit code and a message of one line."""

import glob
import gzip
import os
import resource
import shutil

import support
from support import DOCUMENTS, TRAINING, json_lines


class Usage(support.IndexedCase):
    def test_unknown_verbs_and_options(self):
        self.check_failure(2, says="verb")
        self.check_failure(2, "serch", "docs.db", "x", says="did you mean 'vecterm search'?")
        self.check_failure(2, "dict", "inf", "words.dict", says="did you mean 'vecterm dict info'?")
        self.check_failure(2, "frobnicate", says="vecterm --help")
        self.check_failure(2, "dict", says="vecterm dict --help")
        self.check_failure(2, "--frobnicate", says="--frobnicate")
        self.check_failure(2, "search", "docs.db", "films", "--frobnicate",
                           says=["--frobnicate", "vecterm search --help"])

    def test_missing_arguments(self):
        self.check_failure(2, "search", says="DB")
        self.check_failure(2, "train", "--outptu", "x.dict", says="--outptu")
        self.check_failure(2, "search", "docs.db", says="--like")
        self.check_failure(2, "search", "docs.db", "", " ", says="TEXT")
        self.check_failure(2, "index", "x.db", "corpus.jsonl", says="--dict")
        self.check_failure(2, "index", "x.db", "--dict", "words.dict", says="CORPUS")
        self.check_failure(2, "delete", "docs.db", says="ID")
        self.check_failure(2, "eval", "docs.db", says="--queries")
        self.check_failure(2, "train", "-o", "x.dict", says="--text-pairs")
        self.check_failure(2, "train", "-o", "x.dict", "--pairs", "pairs.tsv", says="--corpus")

    def test_values_out_of_range(self):
        for value in ["", "x", "-1", "1x", "99999999999999999999999", "0"]:
            with self.subTest(k=value):
                self.check_failure(2, "search", "docs.db", "films", "-k", value)
        self.check_failure(2, "search", "docs.db", "films", "--mode", "magic", says="--mode")
        train = ["train", "-o", "x.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl"]
        for option, value in [("--dim", "0"), ("--dim", "5000"), ("--epochs", "0"), ("--lr", "nan"), ("--sif", "0"),
                              ("--bits", "25"), ("--tables", "257"), ("--cells", "1048577"), ("--cells", "8,1"),
                              ("--assignments", "0"), ("--assignments", "5"), ("--width", "0"), ("--family", "magic"),
                              ("--codec", "sign"), ("--fields", "title:0"), ("--fields", "title,title"), ("--negatives", "0"), ("--margin", "-1"),
                              ("--epochs", "1.5"), ("--autotune", "nan"), ("--autotune", "-1"),
                              ("--checkpoint-seconds", "nan"), ("--checkpoint-seconds", "inf")]:
            with self.subTest(option=option, value=value):
                self.check_failure(2, *train, option, value)
        self.assertFalse(os.path.exists(self.path("x.dict")))

    def test_bad_queries(self):
        self.check_failure(2, "search", "docs.db", "films AND")
        self.check_failure(2, "search", "docs.db", "films " * 20000)

    def test_bad_configurations(self):
        index = ["index", "x.db", "--dict", "words.dict", "corpus.jsonl", "--config"]
        self.write("unknown.toml", "stemer = 'en'\n")
        self.check_failure(2, *index, "unknown.toml", says="stemer")
        self.write("language.toml", "stemmer = 'klingon'\n")
        self.check_failure(2, *index, "language.toml", says="klingon")
        self.write("broken.toml", "stemmer = \n")
        self.check_failure(3, *index, "broken.toml", says="broken.toml")
        self.check_failure(3, *index, "missing.toml", says="missing.toml")
        self.assertFalse(os.path.exists(self.path("x.db")))

    def test_an_index_keeps_its_configuration(self):
        self.write("german.toml", "stemmer = 'de'\n")
        self.check_failure(2, "index", "docs.db", "--dict", "words.dict", "corpus.jsonl", "--config", "german.toml")


class Data(support.IndexedCase):
    def test_missing_files(self):
        self.write("queries.jsonl", '{"_id": "1", "text": "films"}\n')
        self.write("qrels.tsv", "1\tvideo-1\t1\n")
        self.check_failure(3, "search", "missing.db", "films", says="missing.db")
        self.check_failure(3, "inspect", "missing.db", says="missing.db")
        self.check_failure(3, "delete", "missing.db", "a", says="missing.db")
        self.check_failure(3, "embed", "missing.db", "--dict", "words.dict", says="missing.db")
        self.check_failure(3, "dict", "info", "missing.dict", says="missing.dict")
        self.check_failure(3, "dict", "import", "missing.vec", "-o", "x.dict", says="missing.vec")
        self.check_failure(3, "index", "new.db", "--dict", "missing.dict", "corpus.jsonl", says="missing.dict")
        self.check_failure(3, "train", "-o", "x.dict", "--pairs", "missing.tsv", "--corpus", "corpus.jsonl",
                           says="missing.tsv")
        self.check_failure(3, "eval", "docs.db", "--queries", "missing.jsonl", "--qrels", "qrels.tsv",
                           says="missing.jsonl")
        self.check_failure(3, "eval", "docs.db", "--queries", "queries.jsonl", "--qrels", "missing.tsv",
                           says="missing.tsv")
        self.assertFalse(os.path.exists(self.path("missing.db")))

    def test_a_missing_corpus(self):
        self.check_failure(3, "index", "new.db", "--dict", "words.dict", "missing.jsonl", says="missing.jsonl")

    def test_a_directory_is_no_file(self):
        os.mkdir(self.path("folder"))
        self.check_failure(3, "index", "folder.db", "--dict", "words.dict", "folder", says="folder")
        self.check_failure(3, "dict", "info", "folder", says="folder")

    def test_unknown_documents(self):
        self.check_failure(3, "search", "docs.db", "--like", "nobody", says="nobody")
        self.check_failure(3, "inspect", "docs.db", "nobody", says="nobody")

    def test_no_match(self):
        self.check_failure(1, "search", "docs.db", "xyzzy", "--mode", "words")
        self.check_failure(1, "search", "docs.db", "xyzzy")
        self.check_failure(1, "delete", "docs.db", "nobody")

    def test_damaged_dictionaries(self):
        good = self.read("words.dict")
        flipped = bytearray(good)
        flipped[2000] ^= 1
        damaged = {"flipped": flipped, "short": good[:-1], "long": good + b"x", "empty": b"", "other": b"vecterm" * 99}
        for name, content in damaged.items():
            with self.subTest(name=name):
                self.write(name, content)
                self.check_failure(3, "dict", "info", name, says=name)
                self.check_failure(3, "index", "damaged.db", "--dict", name, "corpus.jsonl", says=name)
                self.assertFalse(os.path.exists(self.path("damaged.db")))

    def test_an_index_without_its_dictionary(self):
        shutil.copytree(self.path("docs.db"), self.path("lost/docs.db"))
        for name in glob.glob(self.path("lost/docs.db/vecterm-*.dict")):
            os.remove(name)
        self.check_failure(3, "search", "lost/docs.db", "films", says=".dict")

    def test_another_dictionary(self):
        self.train("other.dict", "--seed", "5")
        self.check_failure(3, "index", "docs.db", "--dict", "other.dict", "corpus.jsonl")
        self.check_failure(3, "embed", "docs.db", "--dict", "other.dict")

    def test_truncated_gzip(self):
        whole = gzip.compress(json_lines(DOCUMENTS).encode())
        self.write("cut.jsonl.gz", whole[:len(whole) // 2])
        self.check_failure(3, "index", "cut.db", "--dict", "words.dict", "cut.jsonl.gz", says="cut.jsonl.gz")
        self.check_failure(3, "train", "-o", "x.dict", "--pairs", "pairs.tsv", "--corpus", "cut.jsonl.gz", *TRAINING,
                           says="cut.jsonl.gz")

    def test_bad_lines_are_named(self):
        for line in ["{", "[]", "{}", '{"_id": ""}', '{"_id": "' + "x" * 300 + '"}', '{"_id": 1.5}']:
            with self.subTest(line=line[:20]):
                self.write("bad.jsonl", json_lines(DOCUMENTS[:2]) + line + "\n")
                self.check_failure(3, "index", "bad.db", "--dict", "words.dict", "bad.jsonl",
                                   says=["bad.jsonl", "line 3"])
        self.write("bad.tsv", "search\tmovies\tvideo-1\nalone\n")
        self.check_failure(3, "train", "-o", "x.dict", "--pairs", "bad.tsv", "--corpus", "corpus.jsonl", *TRAINING,
                           says=["bad.tsv", "line 2"])

    def test_nothing_to_learn_or_to_measure(self):
        self.write("none.tsv", "search\tmovies\tnowhere\n")
        self.check_failure(3, "train", "-o", "x.dict", "--pairs", "none.tsv", "--corpus", "corpus.jsonl", *TRAINING)
        self.write("queries.jsonl", '{"_id": "1", "text": "films"}\n')
        self.write("qrels.tsv", "1\tvideo-1\t0\n")
        self.check_failure(3, "eval", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv")


class Strangers(support.IndexedCase):
    """Indexes from elsewhere, and directories that hold what may be data."""

    def test_programs_of_stub_files_run_only_where_that_is_allowed(self):
        self.write("touch", f"#!/bin/sh\n: >'{self.path('ran')}'\n")
        os.chmod(self.path("touch"), 0o755)
        os.mkdir(self.path("hidden"))
        self.write("hidden/XAPIANDB", "remote :../touch\n")
        self.write("stub", "auto docs.db\nremote :./touch\n")
        self.write("queries.jsonl", json_lines([{"_id": "q", "text": "films"}]))
        self.write("qrels.tsv", "q\tvideo-1\t1\n")
        judged = ["--queries", "queries.jsonl", "--qrels", "qrels.tsv"]
        for path in ["hidden", "stub"]:
            for arguments in [["search", path, "films"], ["inspect", path], ["check", path], ["check", path, "--repair"],
                              ["reindex", path], ["generations", path], ["profiles", path], ["tune", path],
                              ["tune-rank", path, *judged], ["eval", path, *judged], ["delete", path, "video-1"],
                              ["index", path, "--dict", "words.dict", "corpus.jsonl"],
                              ["embed", path, "--dict", "words.dict"]]:
                with self.subTest(arguments=arguments):
                    self.check_failure(3, *arguments)
                    self.assertFalse(os.path.exists(self.path("ran")))
            self.check_failure(3, "search", path, "films", says="--allow-programs")
            for arguments in [["search", path, "films"], ["inspect", path], ["eval", path, *judged]]:
                with self.subTest(arguments=arguments):
                    self.check_failure(3, *arguments, "--allow-programs")  # it says nothing
                    os.remove(self.path("ran"))

    def test_stub_files_that_go_in_circles(self):
        self.write("circle", "auto circle\n")
        for verb in [["search", "circle", "films"], ["inspect", "circle"], ["check", "circle"], ["reindex", "circle"]]:
            self.check_failure(3, *verb, says="8 deep")

    def test_tables_without_a_version_file_are_not_overwritten(self):
        shutil.copytree(self.path("docs.db"), self.path("copy.db"))
        os.remove(self.path("copy.db/iamglass"))
        before = {name: self.read(f"copy.db/{name}") for name in os.listdir(self.path("copy.db"))}
        for arguments in [["index", "copy.db", "--dict", "words.dict", "corpus.jsonl"],
                          ["embed", "copy.db", "--dict", "words.dict"], ["delete", "copy.db", "video-1"],
                          ["search", "copy.db", "films"], ["check", "copy.db", "--repair"]]:
            with self.subTest(arguments=arguments):
                self.check_failure(3, *arguments, says="without its version file, iamglass")
        self.assertEqual({name: self.read(f"copy.db/{name}") for name in os.listdir(self.path("copy.db"))}, before)

    def test_values_that_are_nested_without_end(self):
        deep = "[" * 200000 + "]" * 200000
        self.write("deep.jsonl", f'{{"_id": {deep}, "text": "films"}}\n')
        self.check_failure(3, "index", "deep.db", "--dict", "words.dict", "deep.jsonl", says="line 1: arrays and objects")
        self.check_failure(3, "eval", "docs.db", "--queries", "deep.jsonl", "--qrels", "pairs.tsv")
        self.write("deep.toml", ".".join(["a"] * 200000) + " = 1\n")
        self.check_failure(3, "profiles", "docs.db", "--config", "deep.toml", says="line 1: arrays, tables")


class Disk(support.IndexedCase):
    def test_a_full_standard_output(self):
        for arguments in [["search", "docs.db", "films"], ["search", "docs.db", "films", "--json"],
                          ["inspect", "docs.db"], ["dict", "info", "words.dict"], ["--help"], ["--version"]]:
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                self.check_failure(5, *arguments, stdout=full, says="standard output")

    def test_a_folder_that_is_not_there(self):
        self.check_failure(5, "train", "-o", "nowhere/x.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl",
                           says="nowhere")
        self.check_failure(5, "dict", "export", "words.dict", "-o", "nowhere/x.vec", says="nowhere")

    def test_a_file_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        # Python ignores SIGXFSZ, and so does what it starts: write() fails as on a full disk.
        keywords = {"preexec_fn": limit, "restore_signals": False}
        self.check_failure(5, "dict", "export", "words.dict", "-o", "x.vec", **keywords)
        self.check_failure(5, "train", "-o", "x.dict", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING,
                           **keywords)
        self.assertEqual(glob.glob(self.path("*x.dict*")), [])
