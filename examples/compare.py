#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks an index the same queries by words alone and by words and meaning, and prints the hits side by side.

A query may be followed by a TAB and a remark, which is printed with it. With --json the hits are also written as a
list of {"query", "words": [ids], "mixed": [ids]}.
"""
import argparse
import json
import shutil
import subprocess
import sys


def hits(arguments, query, mode):
    """The best hits of a query, as `vecterm search --json` prints them."""
    command = [arguments.vecterm, "search", arguments.database, "--mode", mode, "-k", str(arguments.k), "--json", "--",
               query]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
    if run.returncode > 1:
        sys.exit(f"compare.py: {' '.join(command)}\n{run.stderr.strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def cell(hit, width):
    if hit is None:
        return ""
    text = f"{hit['id']}  {hit['title']}" if hit["title"] else hit["id"]
    return text if len(text) <= width else text[:width - 3] + "..."


def show(query, remark, words, mixed, columns):
    """Prints the hits of one query; a star marks what words alone do not have among theirs."""
    width = max(20, (columns - 8) // 2)
    known = {hit["id"] for hit in words}
    print(f'\n"{query}"' + (f": {remark}" if remark else ""))
    print(f"     {'words alone':{width}}   words and meaning")
    for rank in range(max(len(words), len(mixed))):
        left = words[rank] if rank < len(words) else None
        right = mixed[rank] if rank < len(mixed) else None
        star = "*" if right and right["id"] not in known else " "
        print(f"  {rank + 1:2} {cell(left, width):{width}} {star} {cell(right, width)}".rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="index to search")
    parser.add_argument("queries", metavar="QUERY", nargs="*", help="without any, lines of standard input are read")
    parser.add_argument("-k", type=int, default=5, help="hits of each (default: %(default)s)")
    parser.add_argument("--vecterm", default="vecterm", help="the vecterm command (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the hits' ids here, too")
    arguments = parser.parse_args()
    columns = min(160, shutil.get_terminal_size((140, 24)).columns)
    found = []
    for line in arguments.queries or sys.stdin.read().splitlines():
        query, _, remark = line.partition("\t")
        words, mixed = (hits(arguments, query, mode) for mode in ("words", "mixed"))
        show(query, remark, words, mixed, columns)
        found.append({"query": query, "words": [hit["id"] for hit in words], "mixed": [hit["id"] for hit in mixed]})
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(found, out, ensure_ascii=False)


if __name__ == "__main__":
    main()
