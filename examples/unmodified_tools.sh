#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# unmodified_tools.sh DB ID: reads the LSH tokens of a document, and searches by them, with the tools that come with
# Xapian (Debian: xapian-tools). LSH tokens are terms like any other.
set -euo pipefail

[[ $# == 2 ]] || {
  echo "usage: unmodified_tools.sh DB ID" >&2
  exit 2
}
db=$1 id=$2

docid=$(xapian-delve -1 -t "Q$id" "$db" | awk '/^[0-9]+$/ { print; exit }')
[[ -n $docid ]] || {
  echo "unmodified_tools.sh: no document has the id $id" >&2
  exit 1
}

echo "The LSH tokens among the terms of document $docid (xapian-delve -r):"
mapfile -t tokens < <(xapian-delve -1 -r "$docid" "$db" | grep '^XLSH[0-9a-z]*_')
printf '  %s\n' "${tokens[@]}"

echo "The documents filed under the first of them (xapian-delve -t):"
xapian-delve -1 -t "${tokens[0]}" "$db" | awk '/^[0-9]+$/ && ++n <= 5 { print "  " $0 }'

echo "The documents that share most of them (quest; tokens have wdf 0, so they are counted, not weighed by BM25):"
quest --db="$db" --msize=5 --prefix=lsh:XLSH --weight=coord "${tokens[*]/#XLSH/lsh:}"
