# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parts of the training benchmark share: programs that are run and measured, data, and tables."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import typing
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Given where only the vectors are judged: cells take longer to learn than a small dictionary.
SMALL_HASH_SPACE = {"family": "hyperplane", "tables": 1, "bits": 8}
WITH_LABELLED = ", with labelled texts"  # ends the names of rows where labelled texts vote
LEARNING_ENDS = b'{"event":"end"'  # what `vecterm train` tells then


class Failure(Exception):
    """What was run did not work."""


class Missing(Exception):
    """Something that a part needs is not there: data, or a package."""


class Run(typing.NamedTuple):
    """One program that has ended."""
    stdout: str
    stderr: str
    cpu_seconds: float  # user time
    wall_seconds: float
    peak_bytes: int  # most anonymous memory, polled every 10 ms
    learning_peak_bytes: int  # the same before vecterm tells of the end of learning


class Training(typing.NamedTuple):
    """A run of `vecterm train`."""
    dictionary: pathlib.Path
    run: Run
    words_per_second: float  # wall time, a thread, as the program says
    resumed: bool


def anonymous_bytes(process_id):
    """Memory that a process has now, without pages of files; 0 where it has ended."""
    try:
        with open(f"/proc/{process_id}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def wait(process, errors, until=None):
    """Waits for a process whose messages go to the file `errors`, or kills it as soon as `until()` holds. Returns its
    exit code, user time and the two peaks of memory."""
    peak = learning_peak = 0
    while True:
        now = anonymous_bytes(process.pid)
        peak = max(peak, now)
        if LEARNING_ENDS not in os.pread(errors.fileno(), 1 << 20, 0):
            learning_peak = max(learning_peak, now)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime, peak, learning_peak
        if until is not None and until():
            process.kill()
        time.sleep(0.01)


def run(command, stdin=None, kill_when=None):
    """Runs a program, which must succeed or be killed, and measures it."""
    command = [str(part) for part in command]
    started = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors, open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(command, stdin=source, stdout=out, stderr=errors)
        try:
            code, cpu_seconds, *peaks = wait(process, errors, kill_when)
        except BaseException:
            process.kill()
            raise
        wall_seconds = time.monotonic() - started
        texts = []
        for file in (out, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    if code != 0 and not (kill_when and code < 0):
        raise Failure(f"{' '.join(command)}\nended with {code}\n{texts[1].strip()}")
    return Run(*texts, cpu_seconds, wall_seconds, *peaks)


def as_arguments(options):
    """{"dim": 100, "in-batch": True, "log-q": False, "ratio": ["a=0", "b=0"]} as arguments of the command line."""
    arguments = []
    for name, value in options.items():
        if value is False:
            continue
        arguments.append(f"--{name}")
        if value is not True:
            arguments += [str(part) for part in (value if isinstance(value, list) else [value])]
    return arguments


def lines_of(path):
    """The lines of a text file, which may be gzipped."""
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
    return path


def share_of(text, parts):
    """A number in [0, parts) that goes by the text alone."""
    return zlib.crc32(text.encode()) % parts


def words_per_second(words, few, many):
    """Words that are learned from in a second of CPU time, by two runs; `few` and `many` are (epochs, Run).

    What is the same in both runs, such as the first reading, counting and writing, falls out.
    """
    return words * (many[0] - few[0]) / (many[1].cpu_seconds - few[1].cpu_seconds)


class Bench:
    """Where things are, and the two programs. Temporary files go when it is closed."""

    def __init__(self, vecterm, data, quick):
        self.vecterm_path = vecterm
        self.data_path = data
        self.quick = quick
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vecterm-bench-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, text):
        print(f"training: {text}", file=sys.stderr, flush=True)

    def path(self, name):
        """A temporary file."""
        return self.folder / name

    def data(self, name):
        """A file of the shared data sets."""
        path = self.data_path / name
        if not path.exists():
            raise Missing(f"no shared data at {path}; set VECTERM_DATA or give --data")
        return path

    def fasttext(self, *arguments, stdin=None):
        return run(["fasttext", *arguments], stdin)

    def vecterm(self, *arguments):
        """What a verb of vecterm prints: objects of JSON, one a line."""
        return [json.loads(line) for line in run([self.vecterm_path, *arguments]).stdout.splitlines()]

    def train(self, name, inputs, options, threads=1, kill_when=None):
        """Learns a dictionary; `inputs` and `options` name arguments of `vecterm train`."""
        dictionary = self.path(name)
        options = {**inputs, **options, "threads": threads}
        done = run([self.vecterm_path, "train", "-o", dictionary, *as_arguments(options)], kill_when=kill_when)
        events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        end = next((event for event in events if event["event"] == "end"), {})
        if not end and not kill_when:
            raise Failure(f"vecterm train does not tell its speed:\n{done.stderr}")
        return Training(dictionary, done, end.get("words_per_second_per_thread", 0), end.get("resumed", False))

    def label_precision(self, dictionary, labels, queries, *arguments):
        """P@1 and P@3 of the labels of texts."""
        found, = self.vecterm("eval-labels", dictionary, "--labels", labels, "--queries", queries, "--json", *arguments)
        return found["p@1"], found["p@3"]

    def pair_recall(self, dictionary, pairs):
        """Recall@1 and @10 of the items of held-out pairs of one task."""
        found, = self.vecterm("eval-pairs", dictionary, "--text-pairs", pairs, "--json")
        return found["items"]["recall@1"], found["items"]["recall@10"]
