#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""More documents like one, from Python and an unmodified Xapian (Debian: python3-xapian): the LSH tokens that it shares
with others find them, the vectors in the value slot order them."""
import argparse
import json
import struct
import sys

import xapian

TOKENS = b"XLSH"
SLOT = 1001  # plugin/schema.h


def vector(document):
    """The numbers of a document's vector: a byte for codec (1 = float16) and generation, then little-endian values."""
    value = document.get_value(SLOT)
    if not value:
        return ()
    if value[0] & 15 != 1:
        sys.exit("tokens.py: this example reads float16 vectors only")
    return struct.unpack(f"<{(len(value) - 1) // 2}e", value[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("id", help="of a document")
    parser.add_argument("-k", type=int, default=5, help="documents to show (default: %(default)s)")
    arguments = parser.parse_args()

    database = xapian.Database(arguments.database)
    docid = next((posting.docid for posting in database.postlist("Q" + arguments.id)), None)
    if docid is None:
        sys.exit(f"tokens.py: no document has the id {arguments.id}")
    wanted = database.get_document(docid)
    # The marker XLSHM<space> has no underscore.
    tokens = [item.term for item in wanted.termlist() if item.term.startswith(TOKENS) and b"_" in item.term]

    enquire = xapian.Enquire(database)
    enquire.set_query(xapian.Query(xapian.Query.OP_OR, tokens))
    enquire.set_weighting_scheme(xapian.CoordWeight())
    unit = vector(wanted)
    found = [(sum(a * b for a, b in zip(unit, vector(match.document))), match.weight, match.document)
             for match in enquire.get_mset(0, 1000) if match.docid != docid]
    for cosine, shared, document in sorted(found, key=lambda row: -row[0])[:arguments.k]:
        data = json.loads(document.get_data())
        print(f"cosine {cosine:.3f}, {shared:.0f} of {len(tokens)} tokens: {data['id']}  {data['title']}")


if __name__ == "__main__":
    main()
