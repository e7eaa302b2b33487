# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases that make.py records: what a program does with a set of golden files."""
from fixtures import (CHECKPOINTS, DICTIONARIES, FINISHED, INDEXES, INTERRUPTED, OTHER_DICTIONARIES, databases,
                      index_command, path_of)

SEARCHES = [
    ["bread oven", "--mode", "words"],
    ["bake loaves", "--mode", "vector"],
    ["seafaring letters of winter"],
    ["prune roses", "--offset", "4"],
    ["astronomy", "--mode", "vector", "--plan", "probe", "--probes", "3"],
    ["music", "--mode", "vector", "--plan", "plain-terms", "--probes", "5"],
    ["carpentry tools", "--rank", "bm25/max_bm25 + 0.5*cosine"],
    ["percussion in the hall", "--rank", "rrf(60) + votes/8 + minmax(cosine) - doclength/1000", "--min-cosine", "0.1"],
    ['boat ~"fishing vessels"^2 -~"cooking at home"'],
    ["nets OR nails -harbour", "--filter", "Ztide"],
    ["wattering vegetabels", "--mode", "vector"],
    ["北京的天气", "--mode", "words"],
    ["tide tables", "--explain", "-k", "1"],
]
FEW_SEARCHES = SEARCHES[1:6]
SEARCHED_LESS = ["float16", "groups", "generations", "embedded"]
OF_FLOAT32 = [
    ["train", "--filter", "section:railway", "--mode", "vector"],
    ["keep dry", "--collapse", "section", "--rank", "bm25 + 3*cosine"],
    ["wood section:workshop year:2000..2010"],
    ["winter", "--profile", "recent", "--input", "now=2022"],
    ["furniture", "--mode", "vector", "--plan", "probe"],
    ["furniture", "--mode", "vector", "--plan", "probe", "--recall", "0.99", "--explain", "-k", "1"],
]


def writing(file, command):
    """A step that writes a file."""
    return {"run": [*command, "-o", file], "files": [file]}


def telling(name):
    """Steps that read all that a dictionary has to tell."""
    file = f"dictionaries/{name}.dict"
    yield {"run": ["dict", "info", file, "--json"]}
    yield {"run": ["dict", "neighbors", file, "winter", "-k", "4", "--json"]}
    yield writing("out.vec", ["dict", "export", file])
    yield writing("out.vec", ["dict", "export", file, "--raw"])


def reading(name, searches):
    """Steps that read all that an index has to tell."""
    path = path_of(name)
    yield {"run": ["inspect", path, "--json"]}
    yield {"run": ["inspect", path, "sky-2", "--json"]}
    yield {"run": ["profiles", path, "--json"]}
    yield {"run": ["generations", path, "--json"]}
    yield {"run": ["check", path, "--json"]}
    yield {"run": ["search", path, "--like", "sky-2", "-k", "3", "--json"]}
    for options in searches:
        yield {"run": ["search", path, *options, *([] if "-k" in options else ["-k", "3"]), "--json"]}


def telling_of(name):
    """Steps that tell what has become of an index."""
    for database in databases(name):
        yield {"contents": database}
    path = path_of(name)
    yield {"run": ["check", path, "--json"]}
    yield {"run": ["search", path, "seafaring letters of winter", "-k", "2", "--json"]}


def changing(name, *commands):
    """Steps that change an index, and tell after each command what has become of it."""
    for command in commands:
        yield {"run": [*command, *(["--json"] if command[0] in ("reindex", "generations") else [])]}
        yield from telling_of(name)


def following(name, dictionary):
    return changing(name, ["reindex", path_of(name), "--dict", f"dictionaries/{dictionary}.dict"])


def of_dictionaries():
    for name in DICTIONARIES:
        yield f"the dictionary {name} reads the same", telling(name)
    yield "the same words differ between two dictionaries", [
        {"run": ["dict", "diff", f"dictionaries/{old}.dict", f"dictionaries/{old}-followed.dict", "--json"]}
        for old in ("cells", "ngrams")]
    for name, command in DICTIONARIES.items():
        yield f"the dictionary {name} is rebuilt byte for byte", [writing("out.dict", command)]
    yield "dictionaries that are not kept are rebuilt byte for byte", [
        writing("out.dict", command) for command in OTHER_DICTIONARIES]
    yield "vectors are exported and imported byte for byte", [
        writing("out.vec", ["dict", "export", "dictionaries/cells.dict"]),
        writing("out.dict", ["dict", "import", "out.vec", "--corpus", "corpus.jsonl", "--cells", "8"])]
    for name, command in CHECKPOINTS.items():
        yield f"the interrupted training {name} resumes to the same bytes", [
            writing("out.dict", [*command, "--checkpoint", f"checkpoints/{name}.ckpt"])]


def of_reading():
    for name in (*FINISHED, *INTERRUPTED):
        searches = FEW_SEARCHES if name in (*INTERRUPTED, *SEARCHED_LESS) else SEARCHES
        yield f"the index {name} gives the same hits and scores", reading(
            name, searches + OF_FLOAT32 if name == "float32" else searches)
    yield "tuning measures the same curve", [
        {"run": ["tune", "indexes/float32", "--queries", "queries.jsonl", "--dry-run", "--json"]}]


def of_writing():
    for name in INDEXES:
        again = ["index", "indexes/new", *index_command(name)[2:]]
        yield f"the index {name} is rebuilt with the same contents", [{"run": again}, *telling_of("new")]
        yield f"documents of {name} are replaced, added and deleted", [
            *changing(name, index_command(name, "changes.jsonl")),
            {"run": ["delete", path_of(name), "kitchen-3", "tianqi"]}, *changing(name, ["reindex", path_of(name)])]
    yield "a host's database is embedded with the same contents", [
        {"run": ["embed", "indexes/host", "--dict", "dictionaries/cells.dict"]}, *telling_of("host")]
    yield "documents are added while there are two generations", changing(
        "generations", ["index", "indexes/generations", "--dict", "dictionaries/two-tables.dict", "changes.jsonl"],
        ["generations", "indexes/generations", "rollback"])
    yield "documents that another program adds are embedded", [
        {"add": ["indexes/embedded", "Mend the nets and the sails of the boat before winter"]},
        *changing("embedded", ["reindex", "indexes/embedded"])]
    yield "profiles are removed and added", changing(
        "float32", ["profiles", "indexes/float32", "--remove", "recent"],
        ["profiles", "indexes/float32", "--config", "float32.toml"])


def of_new_dictionaries():
    for name in ("float32", "embedded", "collection"):
        yield f"the index {name} follows a new dictionary", following(name, "cells-followed")
    yield "the index ngrams follows a new dictionary", following("ngrams", "ngrams-followed")
    for name in ("float32", "int8", "sign", "ngrams", "collection"):
        path = path_of(name)
        yield f"another hash space of {name} is built, activated, rolled back and retired", [
            *following(name, "cross-polytope"), *changing(name, ["generations", path, "activate", "1"],
                                                          ["generations", path, "rollback"],
                                                          ["generations", path, "retire", "1"])]
    yield "generations are rolled back and retired", changing(
        "generations", ["generations", "indexes/generations", "rollback"],
        ["generations", "indexes/generations", "retire", "1"])


def of_interruptions():
    for name in ("updating", "updating-ngrams", "building"):
        yield f"what was interrupted in {name} is finished", changing(name, ["reindex", path_of(name)])
    yield "what was interrupted in indexing is finished", changing(
        "indexing", ["index", "indexes/indexing", *index_command("float32")[2:]])
    yield "an interrupted indexing run resumes after its last commit", [
        {"delete": ["indexes/indexing", "kitchen-1"]},
        *changing("indexing", ["index", "indexes/indexing", *index_command("float32")[2:]])]
    yield "what was interrupted in updating is finished by a repair", changing(
        "updating", ["check", "indexes/updating", "--repair"])
    yield "what was interrupted in updating is taken back", following("updating", "cells")
    yield "what was interrupted in building is finished by its activation", changing(
        "building", ["generations", "indexes/building", "activate", "1"])
    yield "what was interrupted in building is given up", changing(
        "building", ["generations", "indexes/building", "retire", "1"])


def all_cases():
    """The steps of each case, by a sentence that says what has to hold."""
    for part in (of_dictionaries, of_reading, of_writing, of_new_dictionaries, of_interruptions):
        yield from part()


def check_ends(recorded):
    """Checks that runs which were killed end as runs that were not, before any of it is kept."""
    def end(case):
        found = [step["found"] for step in recorded[case] if "found" in step][-1]
        return {part: found[part] for part in ("documents", "words", "tokens", "values", "data")}

    def file(case, number=0):
        return list(recorded[case][number]["files"].values())

    whole = end("the index float32 is rebuilt with the same contents")
    for case in ("indexing is finished", "updating is taken back", "building is given up"):
        assert end(f"what was interrupted in {case}") == whole, case
    for name, source in (("updating", "float32"), ("updating-ngrams", "ngrams")):
        assert end(f"what was interrupted in {name} is finished") == end(f"the index {source} follows a new dictionary")
    kept = file("the dictionary cells is rebuilt byte for byte")
    others = OTHER_DICTIONARIES.index(CHECKPOINTS["hashed"])
    not_kept = file("dictionaries that are not kept are rebuilt byte for byte", others)
    for name, uninterrupted in (("words", kept), ("hashed", not_kept)):
        case = f"the interrupted training {name} resumes to the same bytes"
        assert recorded[case][0]["resumed"] and file(case) == uninterrupted, case
