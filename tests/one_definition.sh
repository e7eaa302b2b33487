#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds all that the unit tests use for a debugger's eyes and runs them: without optimisation, with the assertions of
# the standard library, without precompiled headers, so that a source that forgets an include fails, and with
# optimisation at link time, which refuses two definitions of one name. About four minutes of two cores.
#   tests/one_definition.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

cmake --preset odr > /dev/null
cmake --build --preset odr
exec ctest --preset odr -j 2
