#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one group of command-line cases (cases_<group>.py) against a vecterm program."""

import argparse
import importlib
import os
import sys
import unittest

import support


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vecterm", required=True, help="the program")
    parser.add_argument("--update", action="store_true", help="write the golden files instead of comparing")
    parser.add_argument("group")
    arguments = parser.parse_args()
    support.PROGRAM = os.path.abspath(arguments.vecterm)
    support.UPDATE = arguments.update
    cases = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module("cases_" + arguments.group))
    if cases.countTestCases() == 0:
        sys.exit("no cases in group " + arguments.group)
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(cases).wasSuccessful())


if __name__ == "__main__":
    main()
