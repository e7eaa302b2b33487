#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the unit tests without optimisation and links them as one program that compares every type's definitions
# (One Definition Rule), then runs them, but for cases that take long without optimisation.
set -euo pipefail

cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
cmake --preset odr > /dev/null
cmake --build --preset odr --target unit_tests
exec build/odr/tests/unit_tests "$@"
