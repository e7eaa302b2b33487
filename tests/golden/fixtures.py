# SPDX-License-Identifier: GPL-2.0-or-later
"""How the dictionaries, checkpoints and indexes of a set of golden files are made."""
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import steps
import xapian

HERE = pathlib.Path(__file__).resolve().parent
INPUTS = [path.name for ending in ("jsonl", "tsv", "toml") for path in sorted(HERE.glob("*." + ending))]

LEARNING = "--epochs 30 --batch 16 --negatives 20 --threads 1".split()
INPUT = "--pairs pairs.tsv --corpus corpus.jsonl --fields title:2,text,queries".split()
TRAINING = [*INPUT, *LEARNING, "--dim", "8"]
MORE = ["--pairs", "pairs.tsv", "more_pairs.tsv", *INPUT[2:], *LEARNING, "--epsilon", "0.2"]
# The dictionaries that are kept, in the order in which they are made: file format 1 with each family of hash spaces and
# each codec, and format 2.
DICTIONARIES = {
    "cells": ["train", *TRAINING, "--cells", "8"],
    "two-tables": ["train", *TRAINING, "--cells", "4,12", "--assignments", "1", "--codec", "float16"],
    "cross-polytope": ["train", *TRAINING, *"--family cross-polytope --tables 4 --bits 5 --codec float16".split()],
    "hyperplane": ["train", *TRAINING, *"--family hyperplane --tables 6 --bits 4 --codec int8".split()],
    "p-stable": ["train", *TRAINING[:-1], "12", *"--family p-stable --tables 4 --bits 5 --width 1.5".split()],
    "ngrams": ["train", *TRAINING, *"--cells 8 --ngrams --ngram-min-count 6".split()],
    "hashed": ["train", *TRAINING, *"--cells 8 --ngrams --hash-rows 64 --codec float16".split()],
    "groups": ["dict", "convert", "dictionaries/cells.dict", "--dim", "3", "--corpus", "many.jsonl", "--cells", "1024"],
    "cells-followed": ["train", *MORE, "--update", "dictionaries/cells.dict"],
    "ngrams-followed": ["train", *MORE, "--update", "dictionaries/ngrams.dict"],
}
# Trainings that were killed: one between two epochs, one within an epoch of many steps.
CHECKPOINTS = {
    "words": ["train", *TRAINING, "--cells", "8"],
    "hashed": ["train", *INPUT, *"--epochs 3 --batch 1 --negatives 5 --ratio search=120 --ratio related=30".split(),
               *"--threads 1 --dim 8 --cells 8 --ngrams --hash-rows 32 --validation 0.2".split()],
}
# Dictionaries that are not kept.
OTHER_DICTIONARIES = [
    ["train", *TRAINING, *"--objective softmax --in-batch --log-q --sif none --nested 4,6 --cells 8".split()],
    ["train", *TRAINING, *"--validation 0.2 --patience 3 --weight related=0.5 --ratio search=2 --cells 8".split()],
    ["train", *TRAINING, *"--pairs-per-item 3 --margin 0.5 --dropout 0 --seed 7 --cells 8".split()],
    ["train", "--text-pairs", "text_pairs.tsv", "--item-pairs", "item_pairs.tsv", *TRAINING[2:], "--cells", "8"],
    ["train", *MORE, "--update", "dictionaries/hashed.dict"],
    CHECKPOINTS["hashed"],
    ["dict", "convert", "dictionaries/cells.dict", "--codec", "int8"],
    ["dict", "convert", "dictionaries/ngrams.dict", *"--dim 5 --corpus corpus.jsonl --cells 6".split()],
    ["dict", "align", "dictionaries/cells.dict", "dictionaries/two-tables.dict"],
]

# The indexes that are kept: dictionary, and options of `vecterm index`.
INDEXES = {
    "float32": ("cells", ["--config", "float32.toml"]),
    "float16": ("cross-polytope", []),
    "int8": ("hyperplane", ["--config", "int8.toml"]),
    "sign": ("p-stable", ["--config", "sign.toml"]),
    "groups": ("groups", []),
    "ngrams": ("ngrams", []),
    "hashed": ("hashed", []),
}
# Beside them: an index with two generations, a host's database that was embedded, and two databases in a stub file;
FINISHED = [*INDEXES, "generations", "embedded", "collection"]
# and those whose writer was killed: while they followed a new dictionary, built another hash space, were indexed.
INTERRUPTED = ["updating", "updating-ngrams", "building", "indexing"]


def index_command(name, corpus="corpus.jsonl"):
    dictionary, options = INDEXES[name]
    return ["index", f"indexes/{name}", "--dict", f"dictionaries/{dictionary}.dict", *options, corpus]


def path_of(name):
    """An index as commands name it."""
    return "indexes/collection/stub" if name == "collection" else f"indexes/{name}"


def databases(name):
    return ["indexes/collection/one", "indexes/collection/two"] if name == "collection" else [f"indexes/{name}"]


def number_in(database, key, member):
    return json.loads(database.get_metadata(key) or "{}").get(member, 0)


class Maker:
    """Makes a set in a folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        for name in INPUTS:
            shutil.copy(HERE / name, folder / name)
        for name in ("dictionaries", "indexes", "checkpoints"):
            (folder / name).mkdir()

    def run(self, *arguments):
        steps.run(self.program, self.folder, arguments)

    def index(self, name):
        return self.folder / "indexes" / name

    def copy(self, name, source):
        shutil.rmtree(self.index(name), ignore_errors=True)
        shutil.copytree(self.index(source), self.index(name))

    def kill(self, command, is_ready):
        """Runs the program and kills it as soon as is_ready(). Returns whether that was before its end."""
        process = subprocess.Popen([self.program, *command], cwd=self.folder, stderr=subprocess.DEVNULL)
        while process.poll() is None and not is_ready():
            time.sleep(0.0002)
        process.kill()
        if process.wait() > 0:
            sys.exit(f"{command} gave {process.returncode}")
        return process.returncode == -signal.SIGKILL and is_ready()

    def kill_writer(self, name, command, is_ready):
        """The same for a program that writes an index; is_ready() gets the database."""
        def looks_ready():
            try:
                return is_ready(xapian.Database(str(self.index(name))))
            except xapian.Error:  # not there yet, or changed too quickly
                return False
        if not self.kill(command, looks_ready):
            sys.exit(f"{name}: the program was too quick to be killed; try again")

    def make(self):
        self.make_many_documents()
        for name, command in DICTIONARIES.items():
            self.run(*command, "-o", f"dictionaries/{name}.dict")
        for name, command in CHECKPOINTS.items():
            self.make_checkpoint(name, command)
        for name in INDEXES:
            self.run(*index_command(name))
        self.run("tune", "indexes/float32", "--queries", "queries.jsonl", "--recall", "0.9")
        self.make_generations()
        self.make_interrupted()
        self.make_embedded()
        self.make_collection()

    def make_many_documents(self):
        """Cells are learned in groups from 1,024 on, and there are at most as many as documents."""
        words = sorted({word for line in (HERE / "queries.jsonl").read_text().splitlines()
                        for word in json.loads(line)["text"].split()})
        pairs = [f"{first} {second}" for first in words for second in words if first < second]
        lines = [json.dumps({"_id": str(number), "text": text}) + "\n" for number, text in enumerate(pairs[:1500])]
        (self.folder / "many.jsonl").write_text("".join(lines))

    def make_checkpoint(self, name, command):
        path = self.folder / "checkpoints" / f"{name}.ckpt"
        def is_ready():
            if not path.exists():
                return False
            state = json.loads(path.read_bytes().split(b"\n")[1])
            return state["epoch"] >= 1 and state["step"] > 0 if name == "hashed" else state["epoch"] >= 10
        command = [*command, "-o", "killed.dict", "--checkpoint", path, "--checkpoint-seconds", "0"]
        if not self.kill(command, is_ready):
            sys.exit(f"{name}: training was too quick to be killed; try again")

    def make_generations(self):
        self.copy("generations", "float16")
        self.run("reindex", "indexes/generations", "--dict", "dictionaries/two-tables.dict")
        self.run("generations", "indexes/generations", "activate", "1")

    def make_interrupted(self):
        slowly = ["--batch", "1", "--rate", "100"]
        for name, source, dictionary in (("updating", "float32", "cells-followed"),
                                         ("updating-ngrams", "ngrams", "ngrams-followed")):
            self.copy(name, source)
            self.kill_writer(name, ["reindex", f"indexes/{name}", "--dict", f"dictionaries/{dictionary}.dict", *slowly],
                             lambda database: number_in(database, "vecterm.update", "next") > 20)
        self.copy("building", "float32")
        self.kill_writer("building", ["reindex", "indexes/building", "--dict", "dictionaries/hyperplane.dict", *slowly],
                         lambda database: database.get_value_freq(41) > 20)
        self.kill_writer("indexing", ["index", "indexes/indexing", *index_command("float32")[2:], "--batch", "1"],
                         lambda database: number_in(database, "vecterm.cursor", "lines") > 40)

    def make_embedded(self):
        """A host's database with prefixed terms, values, data and metadata of its own, and a gap in its docids."""
        database = xapian.WritableDatabase(str(self.index("host")), xapian.DB_CREATE)
        generator = xapian.TermGenerator()
        generator.set_stemmer(xapian.Stem("en"))
        for line in (HERE / "corpus.jsonl").read_text().splitlines():
            entry = json.loads(line)
            document = xapian.Document()
            generator.set_document(document)
            generator.set_termpos(0)
            generator.index_text(entry["title"], 1, "S")
            generator.index_text(entry["text"])
            document.add_boolean_term("Q" + entry["_id"])
            document.add_value(0, entry["title"])
            document.set_data(entry["text"])
            database.add_document(document)
        database.set_metadata("host.version", "3")
        database.delete_document(5)
        database.close()
        self.copy("embedded", "host")
        self.run("embed", "indexes/embedded", "--dict", "dictionaries/cells.dict")

    def make_collection(self):
        self.index("collection").mkdir()
        lines = (HERE / "corpus.jsonl").read_text().splitlines(keepends=True)
        for half, name in enumerate(("one", "two")):
            (self.folder / "half.jsonl").write_text("".join(lines[half::2]))
            self.run("index", f"indexes/collection/{name}", "--dict", "dictionaries/cells.dict", "--config",
                     "float32.toml", "half.jsonl")
        self.index("collection").joinpath("stub").write_text("auto one\nauto two\n")
        (self.folder / "half.jsonl").unlink()
