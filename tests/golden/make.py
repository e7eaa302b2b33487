#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a set of golden files with a vecterm program: NAME.tar.xz has dictionaries, indexes and checkpoints, some of
them left by runs that were killed; NAME.json has what the program made of them. A set that is there is never written
again, because what users have written has to be read for ever."""
import argparse
import json
import os
import pathlib
import sys
import tarfile
import tempfile

import cases
import fixtures
import steps


def record(program, folder):
    """What comes of all cases."""
    recorded = {}
    for case, case_steps in cases.all_cases():
        case_steps = list(case_steps)
        with tempfile.TemporaryDirectory() as laid_out:
            steps.lay_out(folder, pathlib.Path(laid_out), case_steps)
            recorded[case] = [steps.perform(program, laid_out, step) for step in case_steps]
    return recorded


def json_text(recorded):
    """JSON with a line for each step."""
    def listed(case, entries):
        lines = ",\n".join(json.dumps(step, ensure_ascii=False, separators=(",", ":")) for step in entries)
        return f"{json.dumps(case)}: [\n{lines}\n]"
    return "{\n" + ",\n".join(listed(case, entries) for case, entries in recorded.items()) + "\n}\n"


def pack(folder, path):
    def anonymous(entry):
        entry.mtime = entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry
    with tarfile.open(path, "x:xz", preset=9, format=tarfile.PAX_FORMAT) as archive:
        for entry in sorted(folder.iterdir()):
            archive.add(entry, entry.name, filter=anonymous)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vecterm", required=True, help="the program that writes")
    parser.add_argument("--name", required=True, help="of the set: the commit that the program was built from")
    parser.add_argument("--output", default=fixtures.HERE, type=pathlib.Path, help="folder (default: here)")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.vecterm)
    archive, results = (arguments.output / (arguments.name + ending) for ending in (".tar.xz", ".json"))
    for path in (archive, results):
        if path.exists():
            sys.exit(f"{path} is there, and golden files are never written again")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        fixtures.Maker(program, folder).make()
        recorded = record(program, folder)
        cases.check_ends(recorded)
        pack(folder, archive)
    results.write_text(json_text(recorded), encoding="utf-8")


if __name__ == "__main__":
    main()
