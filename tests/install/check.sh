#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh BUILD WORK CXX: installs the build of folder BUILD below WORK, builds an outside program against it by
# CMake and by pkg-config, and checks what the shared library shows to the world.
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

echo "== pkg-config"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra flags < <(pkg-config --cflags --libs vecterm)
"$cxx" -std=c++20 "$here/consumer.cc" "${flags[@]}" -o "$work/consumer"
LD_LIBRARY_PATH=$libdir "$work/consumer"

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

echo "== symbols"
library=$(readlink -f "$libdir/libvecterm.so")
soname=$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')
[[ $soname == libvecterm.so.0 ]] || fail "SONAME must be libvecterm.so.0; was $soname"
# Weak symbols of the standard library and Xapian are shared by all libraries of a process; all else is ours.
nm -D --defined-only "$library" | sed 's/^[0-9a-f]* //' > "$work/symbols"
entity='_Z(T[CISTV]|G[RV])?[NZKPRO]*'
foreign=$(grep -vE "^[A-Za-z] ${entity}7vecterm" "$work/symbols" |
  grep -vE "^[WVu] ${entity}(S[absdiot]|9__gnu_cxx|6Xapian)" || true)
[[ -z $foreign ]] || fail "symbols outside namespace vecterm: $(c++filt <<< "$foreign")"
[[ $(grep -cE "^T ${entity}7vecterm" "$work/symbols") -ge 20 ]] || fail "hardly any symbol of vecterm is exported"
echo "installed and used: $(wc -l < "$work/symbols") symbols"
