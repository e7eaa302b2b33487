# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are written: as a whole, where their name leads, and never over what they are made of."""

import os
import shutil
import signal
import stat
import subprocess
import threading
import time

import support
from support import TRAINING

LOG = "movies\tvideo-1\tclick\t3\n"
IMPORT = ["--family", "hyperplane", "--tables", "2", "--bits", "4"]


class Written(support.IndexedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vecterm("dict", "export", "words.dict", "-o", "words.vec")
        cls.write("log.tsv", LOG)
        cls.write("queries.jsonl", '{"_id": "1", "text": "films"}\n')
        cls.write("qrels.tsv", "1\tvideo-1\t1\n")
        # Each verb that writes a file, which its last argument names.
        cls.writers = {
            "dict export": ["dict", "export", "words.dict", "-o"],
            "dict convert": ["dict", "convert", "words.dict", "-o"],
            "dict import": ["dict", "import", "words.vec", *IMPORT, "-o"],
            "dict align": ["dict", "align", "words.dict", "words.dict", "-o"],
            "dict map": ["dict", "map", "words.dict", "-o"],
            "enrich": ["enrich", "corpus.jsonl", "--log", "log.tsv", "-o"],
            "train": ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o"],
            "train --plot": ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "x.dict",
                             "--plot"],
            "tune --plot": ["tune", "docs.db", "--dry-run", "--sample", "10", "--plot"],
            "tune-rank --export": ["tune-rank", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv",
                                   "--dry-run", "--export"],
        }

    def names(self):
        return set(os.listdir(self.directory))

    def test_a_symbolic_link_is_followed(self):
        os.makedirs(self.path("elsewhere"), exist_ok=True)
        for verb, arguments in self.writers.items():
            for target in ["elsewhere/there", "elsewhere/new"]:
                with self.subTest(verb=verb, target=target):
                    self.write("elsewhere/there", "old")
                    os.chmod(self.path("elsewhere/there"), 0o600)
                    os.symlink(target, self.path("link"))
                    self.run_program(*arguments, "link")
                    self.assertTrue(os.path.islink(self.path("link")))
                    self.assertGreater(len(self.read(target)), 3)
                    if target == "elsewhere/there":
                        self.assertEqual(stat.S_IMODE(os.stat(self.path(target)).st_mode), 0o600)
                    os.remove(self.path("link"))
                    os.remove(self.path(target))

    def test_a_fifo_is_written_to(self):
        for verb, arguments in self.writers.items():
            with self.subTest(verb=verb):
                os.mkfifo(self.path("fifo"))
                read = []
                reader = threading.Thread(target=lambda: read.append(self.read("fifo")), daemon=True)
                reader.start()
                self.run_program(*arguments, "fifo")
                reader.join(10)
                self.assertTrue(stat.S_ISFIFO(os.stat(self.path("fifo")).st_mode))
                self.assertTrue(read and read[0])
                os.remove(self.path("fifo"))

    def test_a_device_is_written_to(self):
        if os.getuid() != 0:
            self.skipTest("only root can make a device, and replace it")
        for verb, arguments in self.writers.items():
            with self.subTest(verb=verb):
                os.mknod(self.path("null"), 0o666 | stat.S_IFCHR, os.makedev(1, 3))
                self.run_program(*arguments, "null")
                self.assertTrue(stat.S_ISCHR(os.stat(self.path("null")).st_mode))
                os.remove(self.path("null"))

    def test_a_directory_is_refused_before_work_begins(self):
        os.makedirs(self.path("folder"), exist_ok=True)
        for verb, arguments in self.writers.items():
            with self.subTest(verb=verb):
                self.check_failure(5, *arguments, "folder", says=["folder", "directory"])

    def test_what_a_file_is_made_of_is_not_overwritten_by_another_format(self):
        refused = [
            ["dict", "export", "words.dict", "-o", "words.dict"],
            ["dict", "map", "words.dict", "-o", "words.dict"],
            ["dict", "import", "words.vec", *IMPORT, "-o", "words.vec"],
            ["dict", "import", "words.vec", *IMPORT, "--corpus", "corpus.jsonl", "-o", "corpus.jsonl"],
            ["dict", "convert", "words.dict", "--dim", "4", "--corpus", "corpus.jsonl", "-o", "corpus.jsonl"],
            ["enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "log.tsv"],
            ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "corpus.jsonl"],
            ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "pairs.tsv"],
            ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "x.dict", "--plot",
             "pairs.tsv"],
            ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "x.dict", "--checkpoint",
             "pairs.tsv"],
            ["tune", "docs.db", "--dry-run", "--queries", "queries.jsonl", "--plot", "queries.jsonl"],
            ["tune-rank", "docs.db", "--queries", "queries.jsonl", "--qrels", "qrels.tsv", "--export", "qrels.tsv"],
        ]
        os.symlink("words.dict", self.path("same.dict"))
        refused.append(["dict", "export", "words.dict", "-o", "same.dict"])
        names = ["words.dict", "words.vec", "corpus.jsonl", "log.tsv", "pairs.tsv", "queries.jsonl", "qrels.tsv"]
        before = {name: self.read(name) for name in names}
        for arguments in refused:
            with self.subTest(arguments=arguments):
                self.check_failure(2, *arguments, says=arguments[-1])
                self.assertEqual({name: self.read(name) for name in names}, before)
                for name, content in before.items():
                    self.write(name, content)

    def test_outputs_of_one_run_differ(self):
        train = ["train", "--pairs", "pairs.tsv", "--corpus", "corpus.jsonl", *TRAINING, "-o", "one.dict"]
        self.check_failure(2, *train, "--plot", "one.dict", says="one.dict")
        self.check_failure(2, *train, "--checkpoint", "./one.dict", says="one.dict")

    def test_a_file_may_take_the_place_of_what_it_is_made_of(self):
        shutil.copy(self.path("words.dict"), self.path("own.dict"))
        self.vecterm("dict", "convert", "own.dict", "-o", "own.dict", "--codec", "int8")
        self.vecterm("dict", "convert", "words.dict", "-o", "other.dict", "--codec", "int8")
        self.assertEqual(self.read("own.dict"), self.read("other.dict"))
        shutil.copy(self.path("corpus.jsonl"), self.path("own.jsonl"))
        self.vecterm("enrich", "own.jsonl", "--log", "log.tsv", "-o", "own.jsonl")
        self.vecterm("enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "other.jsonl")
        self.assertEqual(self.read("own.jsonl"), self.read("other.jsonl"))

    def test_a_full_disk_leaves_the_old_file(self):
        def limit():
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

        for verb, arguments in self.writers.items():
            with self.subTest(verb=verb):
                self.write("old", "old")
                names = self.names()
                done = self.run_program(*arguments, "old", preexec_fn=limit, restore_signals=False)
                if len(self.read("old")) > 3 and done.returncode == 0:
                    continue  # it fits
                self.assertEqual((done.returncode, self.read("old")), (5, b"old"), done.stderr)
                self.assertEqual(self.names() - {"x.dict"}, names - {"x.dict"})

    def test_a_killed_writer_leaves_nothing(self):
        os.mkfifo(self.path("items"))
        for output in ["fresh.jsonl", "there.jsonl"]:
            with self.subTest(output=output):
                self.write("there.jsonl", "old")
                names = self.names()
                command = [support.PROGRAM, "enrich", "items", "--log", "log.tsv", "-o", output]
                with subprocess.Popen(command, cwd=self.directory, stderr=subprocess.DEVNULL) as process:
                    with open(self.path("items"), "wb", buffering=0) as items:
                        for _ in range(40):
                            items.write(b'{"_id": "a", "text": "%s"}\n' % (b"x" * 60000))
                        deadline = time.monotonic() + 10
                        while items_left(items) and time.monotonic() < deadline:
                            time.sleep(0.01)
                        process.send_signal(signal.SIGKILL)
                        process.wait()
                self.assertEqual(self.names(), names)
                self.assertEqual(self.read("there.jsonl"), b"old")


def items_left(pipe):
    """Whether its reader has not read all yet."""
    import array
    import fcntl
    import termios
    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return size[0] > 0
