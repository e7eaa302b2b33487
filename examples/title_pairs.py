#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes training pairs of a corpus that comes without any: its title led to the document. Prints lines of
"search" TAB title TAB id, for every document that has a title and a text."""
import argparse
import gzip
import json
import sys


def lines(path):
    """The lines of a file, gzipped or not."""
    with open(path, "rb") as file:
        start = file.read(2)
    with (gzip.open if start == b"\x1f\x8b" else open)(path, "rt", encoding="utf-8-sig") as file:
        yield from file


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", help='JSON lines with "_id", "title" and "text"')
    parser.add_argument("--first", metavar="N", type=int, help="instead, print the titles of the first N of them")
    arguments = parser.parse_args()
    count = 0
    try:
        for number, line in enumerate(lines(arguments.corpus), 1):
            document = json.loads(line)
            title = " ".join((document.get("title") or "").split())
            if not title or not (document.get("text") or "").strip():
                continue
            count += 1
            print(title if arguments.first else f"search\t{title}\t{document['_id']}")
            if count == arguments.first:
                break
    except (OSError, ValueError, KeyError, AttributeError) as error:
        where = f", line {number}" if "number" in locals() else ""
        sys.exit(f"title_pairs.py: {arguments.corpus}{where}: {error!r}")
    if not count:
        sys.exit(f"title_pairs.py: {arguments.corpus}: no document has a title and a text; give pairs")


if __name__ == "__main__":
    main()
