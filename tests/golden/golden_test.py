#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that older programs wrote are read, searched, updated and checked with the same results: replays the cases of
each set of golden files (NAME.tar.xz), which make.py recorded in NAME.json."""
import argparse
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import steps
import xapian

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = None  # set by main()
MEMORY = "/dev/shm"
MEMORY_BYTES = 1 << 30


class GoldenFiles:
    """One set."""

    def __init__(self, archive):
        self.name = archive.name.removesuffix(".tar.xz")
        self.cases = json.loads(archive.with_name(self.name + ".json").read_text(encoding="utf-8"))
        self.unpacked = tempfile.TemporaryDirectory(prefix="vecterm-golden-")
        self.folder = pathlib.Path(self.unpacked.name)
        with tarfile.open(archive) as tar:
            tar.extractall(self.folder)

    def sidecars(self):
        """The sidecars that are current; those of indexes whose writer was killed are not."""
        return [path for path in sorted(self.folder.glob("indexes/**/*.rows"))
                if path.stem.endswith(f"-{xapian.Database(str(path.parent)).get_revision()}")]


class GoldenTest(unittest.TestCase):
    maxDiff = None
    SETS = []

    def perform_case(self, golden, case):
        with tempfile.TemporaryDirectory(prefix="vecterm-golden-") as folder:
            recorded = golden.cases[case]
            steps.lay_out(golden.folder, pathlib.Path(folder), recorded)
            found = [steps.perform(PROGRAM, folder, step) for step in recorded]
            self.assertEqual([], [difference for before, now in zip(recorded, found) for difference in
                                  steps.differences(before, now, " ".join(before.get("run", list(before)[:1])))])

    def searches(self, folder, path):
        """The hits of an exact scan and of a search by tokens, as printed."""
        printed = b""
        for options in (["--exact"], ["--plan", "probe", "--probes", "3"]):
            done = subprocess.run([PROGRAM, "search", path, "seafaring letters", *options, "--json"], cwd=folder,
                                  stdout=subprocess.PIPE, check=True)
            printed += done.stdout
        return printed

    def test_sidecars_are_what_the_index_says(self):
        for golden in self.SETS:
            self.assertGreater(len(golden.sidecars()), 8)
            for sidecar in golden.sidecars():
                with self.subTest(index=sidecar.parent.name):
                    done = subprocess.run([PROGRAM, "check", sidecar.parent, "--sample", "1", "--json"], check=True,
                                          stdout=subprocess.PIPE)
                    kinds = [finding["kind"] for finding in json.loads(done.stdout)["findings"]]
                    self.assertEqual([], [kind for kind in kinds if "sidecar" in kind])

    def test_without_a_sidecar_hits_are_the_same_and_it_is_written_again_with_the_same_bytes(self):
        for golden in self.SETS:
            for sidecar in golden.sidecars():
                with self.subTest(index=sidecar.parent.name), tempfile.TemporaryDirectory() as folder:
                    index = shutil.copytree(sidecar.parent, pathlib.Path(folder) / "index")
                    before = self.searches(folder, "index")
                    (index / sidecar.name).unlink()
                    self.assertEqual(self.searches(folder, "index"), before)
                    steps.run(PROGRAM, folder, ["reindex", "index"])
                    self.assertEqual((index / sidecar.name).read_bytes(), sidecar.read_bytes())

    def test_a_difference_in_the_last_bit_is_found(self):
        recorded = {"lines": [{"score": 0.1, "id": "a"}, {"score": 2}]}
        same = {"lines": [{"score": 0.1, "id": "a", "new": 1}, {"score": 2.0}]}
        self.assertEqual(list(steps.differences(recorded, same)), [])
        for found in ({"lines": [{"score": math.nextafter(0.1, 1), "id": "a"}, {"score": 2}]},
                      {"lines": [{"score": 0.1, "id": "b"}, {"score": 2}]},
                      {"lines": [{"score": 0.1}, {"score": 2}]}, {"lines": [{"score": 0.1, "id": "a"}]}, {}):
            self.assertEqual(len(list(steps.differences(recorded, found))), 1)


def add_cases(golden):
    """Makes a test of each recorded case, named by its sentence."""
    for case in golden.cases:
        name = f"test_{golden.name}_" + re.sub(r"\W+", "_", case)
        setattr(GoldenTest, name, lambda self, case=case: self.perform_case(golden, case))


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vecterm", required=True, help="the program")
    arguments, others = parser.parse_known_args()
    PROGRAM = os.path.abspath(arguments.vecterm)
    if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:  # commits need not wait for a disk
        os.environ.setdefault("TMPDIR", MEMORY)
    GoldenTest.SETS = [GoldenFiles(archive) for archive in sorted(HERE.glob("*.tar.xz"))]
    if not GoldenTest.SETS:
        sys.exit(f"there are no golden files in {HERE}")
    for golden in GoldenTest.SETS:
        add_cases(golden)
    unittest.main(__name__, argv=[sys.argv[0], *others], verbosity=2)


if __name__ == "__main__":
    main()
