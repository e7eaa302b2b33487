# SPDX-License-Identifier: GPL-2.0-or-later
"""What the command-line cases share: a small world of documents and pairs, and a way to run the program."""

import gzip
import json
import os
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = None  # set by run_cases.py
UPDATE = False

TOPICS = {
    "video": [
        ("Clip player", "plays video clips and films from discs and streams"),
        ("Film cutter", "cuts and joins video clips without loss"),
        ("Subtitle maker", "writes subtitles for films and video streams"),
        ("Screen recorder", "records the screen as a video stream"),
        ("Disc ripper", "copies films from discs to video files"),
    ],
    "music": [
        ("Song player", "plays songs and albums with a playlist"),
        ("Tag editor", "edits the tags of songs and albums"),
        ("Score writer", "engraves notes and chords as printed scores"),
        ("Drum machine", "makes rhythms from drum samples and loops"),
        ("Album sorter", "sorts songs into albums by their tags"),
    ],
    "network": [
        ("Packet viewer", "captures packets and shows protocols of the network"),
        ("Port scanner", "scans hosts for open ports and services"),
        ("Tunnel keeper", "keeps encrypted tunnels between hosts alive"),
        ("Name server", "answers queries for names of hosts"),
        ("Traffic graph", "draws graphs of network traffic of hosts"),
    ],
    "text": [
        ("Line editor", "edits lines of plain text files"),
        ("Spell checker", "finds misspelled words in text files"),
        ("Word counter", "counts words and lines of text files"),
        ("Diff viewer", "shows lines that differ between text files"),
        ("Outline editor", "edits outlines of notes and lines of text"),
    ],
    "games": [
        ("Chess board", "plays chess against a strong engine"),
        ("Card table", "plays patience and other card games"),
        ("Maze runner", "runs through mazes full of monsters"),
        ("Tank battle", "drives tanks through a battle of two players"),
        ("Puzzle box", "solves sliding puzzles and mazes"),
    ],
    "database": [
        ("Table store", "stores tables and answers queries with indexes"),
        ("Query shell", "runs queries against tables of a server"),
        ("Backup tool", "dumps tables and restores them from backups"),
        ("Key store", "stores keys and values in a tree of pages"),
        ("Schema diagram", "draws diagrams of tables and their keys"),
    ],
    "science": [
        ("Star map", "shows stars and planets of the night sky"),
        ("Plot maker", "plots curves of measured data"),
        ("Molecule viewer", "shows molecules and their atoms"),
        ("Matrix solver", "solves large systems of equations"),
        ("Gene finder", "finds genes in sequences of bases"),
    ],
    "mail": [
        ("Mail reader", "reads and sorts messages in mail folders"),
        ("Spam filter", "filters unwanted messages from mail"),
        ("List server", "sends messages to lists of subscribers"),
        ("Mail fetcher", "fetches messages from remote mail servers"),
        ("Address book", "keeps names and addresses of people"),
    ],
}

# Words that no document has: only the pairs say what they mean.
QUERIES = {
    "video": ["movies", "watch movies", "cinema at home"],
    "music": ["audio tunes", "listen to tunes", "audio"],
    "network": ["internet", "sniff internet wires", "lan"],
    "text": ["prose", "proofread prose", "manuscript"],
    "games": ["fun", "leisure fun", "entertain children"],
    "database": ["sql", "relational sql", "persist records"],
    "science": ["research", "laboratory research", "physics"],
    "mail": ["inbox", "inbox letters", "correspondence"],
}

DOCUMENTS = [
    {
        "_id": f"{topic}-{number}",
        "title": title,
        "text": text,
        "metadata": {"section": topic, "year": 2000 + number, "tags": [topic, "all"]},
    }
    for topic, entries in TOPICS.items()
    for number, (title, text) in enumerate(entries)
]

PAIRS = [
    (task, query, f"{topic}-{number}")
    for topic, queries in QUERIES.items()
    for query in queries
    for number in range(5)
    for task in (["search", "click"] if number % 2 else ["search"])
]

TRAINING = "--dim 16 --epochs 30 --min-count 1 --batch 16 --negatives 20 --cells 8 --threads 2".split()


def json_lines(objects):
    return "".join(json.dumps(entry) + "\n" for entry in objects)


def tsv(rows):
    return "".join("\t".join(str(column) for column in row) + "\n" for row in rows)


class Case(unittest.TestCase):
    """Cases that run in a temporary directory of their class, which is the working directory of the program."""

    TRAINED_WITH = []  # beside TRAINING

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="vecterm-cli-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.write("corpus.jsonl", json_lines(DOCUMENTS))
        cls.write("pairs.tsv", tsv(PAIRS))

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    @classmethod
    def write(cls, name, content, compressed=False):
        content = content.encode() if isinstance(content, str) else content
        with open(cls.path(name), "wb") as file:
            file.write(gzip.compress(content) if compressed else content)

    @classmethod
    def read(cls, name):
        with open(cls.path(name), "rb") as file:
            return file.read()

    @classmethod
    def run_program(cls, *arguments, **keywords):
        keywords.setdefault("stdout", subprocess.PIPE)
        keywords.setdefault("stderr", subprocess.PIPE)
        if "input" not in keywords:
            keywords.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([PROGRAM, *arguments], cwd=cls.directory, timeout=600, check=False, **keywords)

    @classmethod
    def vecterm(cls, *arguments, **keywords):
        """Runs the program, which must succeed. Returns its standard output."""
        done = cls.run_program(*arguments, **keywords)
        if done.returncode != 0:
            raise AssertionError(f"{arguments} gave {done.returncode}: {done.stderr.decode()}")
        return (done.stdout or b"").decode()

    @classmethod
    def train(cls, name="words.dict", *arguments):
        return cls.vecterm("train", "-o", name, "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING,
                           *cls.TRAINED_WITH, *arguments)

    @classmethod
    def hits(cls, *arguments):
        """The hits of a search; none where it exits with 1."""
        done = cls.run_program("search", *arguments, "--json")
        if done.returncode == 1:
            assert done.stdout == b"", done.stdout
            return []
        assert done.returncode == 0, done.stderr.decode()
        assert done.stderr == b"", done.stderr
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    @classmethod
    def inspect(cls, *arguments):
        return json.loads(cls.vecterm("inspect", *arguments, "--json"))

    def check_failure(self, code, *arguments, says=(), **keywords):
        """The program must exit with `code`, print nothing but one line on standard error, and mention `says`."""
        done = self.run_program(*arguments, **keywords)
        stderr = done.stderr.decode()
        self.assertEqual(done.returncode, code, f"{arguments}: {stderr}")
        self.assertEqual(done.stdout or b"", b"")
        self.assertTrue(stderr.startswith("vecterm: "), stderr)
        self.assertEqual(stderr.count("\n"), 1, stderr)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, stderr)
        return stderr


class IndexedCase(Case):
    """The same with a dictionary, words.dict, and an index, docs.db."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train()
        cls.vecterm("index", "docs.db", "--dict", "words.dict", "corpus.jsonl")
