#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh BUILD WORK CXX: installs the build of folder BUILD below WORK, builds outside programs against it by CMake and
# by pkg-config, and checks what the shared libraries show to the world. After a deliberate change of that:
# VECTERM_UPDATE_SYMBOLS=1 check.sh ...
set -euo pipefail

build=$1 work=$2 cxx=$3
here=$(dirname "$(readlink -f "$0")")
prefix=$work/prefix
fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$prefix" > "$work/install.log"
libdir=$(dirname "$(find "$prefix" -name libvecterm.so)")

echo "== find_package"
cmake -S "$here" -B "$work/cmake" -G Ninja -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$prefix" > "$work/cmake.log"
cmake --build "$work/cmake" >> "$work/cmake.log" || { cat "$work/cmake.log"; fail "the CMake project does not build"; }
"$work/cmake/consumer"
"$work/cmake/learner"

echo "== pkg-config"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra flags < <(pkg-config --cflags --libs vecterm)
"$cxx" -std=c++20 "$here/consumer.cc" "${flags[@]}" -o "$work/consumer"
LD_LIBRARY_PATH=$libdir "$work/consumer"
read -ra flags < <(pkg-config --cflags --libs vecterm-training)
"$cxx" -std=c++20 "$here/learner.cc" "${flags[@]}" -o "$work/learner"
LD_LIBRARY_PATH=$libdir "$work/learner"

echo "== the installed command"
"$prefix/bin/vecterm" --version

echo "== every header stands for itself"
include=$prefix/include
read -ra flags < <(pkg-config --cflags vecterm)
mkdir "$work/headers"
while read -r header; do
  echo "#include <vecterm/$header>" > "$work/headers/${header//\//_}.cc"
done < <(cd "$include/vecterm" && find . -name '*.h' -printf '%P\n')
find "$work/headers" -name '*.cc' -print0 | xargs -0 -n 1 -P 2 \
  "$cxx" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only "${flags[@]}" ||
  fail "an installed header needs something that is not installed or not included"

echo "== an older standard gives one line that says so"
errors=$("$cxx" -std=c++17 "${flags[@]}" -fsyntax-only "$work/headers/vecterm.h.cc" 2>&1 | grep -E 'error: ' || true)
[[ $(grep -c '#error "vecterm needs C++20' <<< "$errors") == 1 && $(wc -l <<< "$errors") -le 2 ]] ||
  fail "with -std=c++17 the compiler says: $errors"

# Strong symbols of our namespace in $1, demangled; those of the standard library, fmt and Xapian that a compiler puts
# into every library are weak.
symbols_of() { nm -D --defined-only "$1" | awk '$2 == "T" || $2 == "D" || $2 == "B" || $2 == "R" { print $3 }' | c++filt | LC_ALL=C sort; }
for name in vecterm vecterm-training; do
  echo "== symbols of $name"
  library=$(readlink -f "$libdir/lib$name.so")
  soname=$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')
  [[ $soname == "lib$name.so.0.1" ]] || fail "SONAME must be lib$name.so.0.1; was $soname"
  symbols_of "$library" > "$work/$name.symbols"
  foreign=$(grep -v 'vecterm::' "$work/$name.symbols" || true)
  [[ -z $foreign ]] || fail "symbols outside namespace vecterm: $foreign"
  [[ -z ${VECTERM_UPDATE_SYMBOLS:-} ]] || cp "$work/$name.symbols" "$here/$name.symbols"
  diff "$here/$name.symbols" "$work/$name.symbols" > "$work/$name.diff" ||
    fail "the exported symbols differ from $here/$name.symbols: $(cat "$work/$name.diff")"
  echo "installed and used: $(wc -l < "$work/$name.symbols") symbols, $(size "$library" | awk 'NR == 2 { print $1 }') bytes of text"
done
