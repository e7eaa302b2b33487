# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps: what make.py records and golden_test.py replays. Each is a dictionary with what to do and what came of it.

{"run": ["search", ...]}                runs the program in the folder of the golden files
    "code": 0                           exit code
    "lines": [...]                      JSON that it printed
    "files": {"out.dict": "..."}        files that it wrote: the first half of their SHA-256
    "resumed": true                     training: whether it resumed from its checkpoint
{"contents": "indexes/float32"}         reads a database through Xapian alone
    "found": {...}
{"add": ["indexes/embedded", "text"]}   adds a document, as a program that knows nothing of vecterm would
{"delete": ["indexes/embedded", "id"]}  deletes one likewise
"""
import hashlib
import json
import pathlib
import re
import shutil
import subprocess

import xapian

# Members of the output that depend on the time or the machine, or are sentences for people.
FORGOTTEN = {"since", "microseconds", "reason"}
FORGOTTEN_FINDINGS = {"text", "database"}
SIDECAR_HEADER_BYTES = 192
LONGEST_ENTRY = 200


def sha256(content):
    return hashlib.sha256(content).hexdigest()[:32]


def remembered(value, forgotten=frozenset(FORGOTTEN)):
    """The JSON value without the members that are forgotten."""
    if isinstance(value, list):
        return [remembered(entry, forgotten) for entry in value]
    if isinstance(value, dict):
        return {key: remembered(entry, forgotten | FORGOTTEN_FINDINGS if key == "findings" else forgotten)
                for key, entry in value.items() if key not in forgotten}
    return value


def metadata(database):
    """The metadata of a database; long entries and those that are not JSON are replaced by their checksum."""
    entries = {}
    for key in database.metadata_keys():
        value = database.get_metadata(key)
        try:
            value = json.dumps(remembered(json.loads(value)), sort_keys=True).encode()
            entries[key.decode()] = sha256(value) if len(value) > LONGEST_ENTRY else json.loads(value)
        except ValueError:
            entries[key.decode()] = sha256(value)
    return entries


def contents(path):
    """What a database holds and what lies beside it, without times, revision and UUID, which differ between runs."""
    database = xapian.Database(str(path))
    prefix = json.loads(database.get_metadata("vecterm.index"))["settings"]["prefix"].encode()
    sums = {part: hashlib.sha256() for part in ("words", "tokens", "values", "data")}
    docids = [posting.docid for posting in database.postlist("")]
    for docid in docids:
        document = database.get_document(docid)
        for term in document.termlist():
            described = (docid, term.term, term.wdf, list(term.positer))
            sums["tokens" if term.term.startswith(prefix) else "words"].update(repr(described).encode())
        values = [(value.num, value.value) for value in document.values()]
        sums["values"].update(repr((docid, values)).encode())
        sums["data"].update(repr((docid, document.get_data())).encode())
    found = {"documents": len(docids), **{part: total.hexdigest()[:32] for part, total in sums.items()}}
    found["metadata"] = metadata(database)
    found["dictionaries"] = sorted(file.name for file in path.glob("*.dict"))
    found["sidecars"] = {file.name.split("-")[1]: sha256(file.read_bytes()[SIDECAR_HEADER_BYTES:])
                         for file in path.glob(f"vecterm-*-{database.get_revision()}.rows")}
    return found


def add_document(path, text):
    database = xapian.WritableDatabase(str(path), xapian.DB_OPEN)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    document = xapian.Document()
    generator.set_document(document)
    generator.index_text(text)
    document.set_data(text)
    database.add_document(document)
    database.close()


def delete_document(path, document_id):
    database = xapian.WritableDatabase(str(path), xapian.DB_OPEN)
    database.delete_document("Q" + document_id)
    database.close()


def run(program, folder, arguments, files=()):
    """Runs the program in a folder. Returns what came of it."""
    done = subprocess.run([program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=600, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"{arguments} gave {done.returncode}: {done.stderr.decode()}")
    outcome = {"code": done.returncode}
    if "--json" in arguments:
        outcome["lines"] = [remembered(json.loads(line)) for line in done.stdout.decode().splitlines()]
    if arguments[0] == "train":
        ends = [line for line in done.stderr.decode().splitlines() if line.startswith('{"event":"end"')]
        outcome["resumed"] = json.loads(ends[-1])["resumed"]
    if files:
        outcome["files"] = {name: sha256((pathlib.Path(folder) / name).read_bytes()) for name in files}
    return outcome


def lay_out(folder, case, of_case):
    """Lays out the golden files for one case: copies of what its steps may change, links to the rest."""
    mentioned = json.dumps(of_case)
    (case / "indexes").mkdir()
    shutil.copytree(folder / "checkpoints", case / "checkpoints")
    for path in (folder / "indexes").iterdir():
        if re.search(rf"indexes/{path.name}\b(?!-)", mentioned):
            shutil.copytree(path, case / "indexes" / path.name)
    for path in folder.iterdir():
        if path.name not in ("indexes", "checkpoints"):
            (case / path.name).symlink_to(path)


def perform(program, folder, step):
    """Performs a step in a folder of golden files. Returns it with what came of it."""
    if "run" in step:
        return {"run": step["run"], **run(program, folder, step["run"], step.get("files", ()))}
    if "contents" in step:
        return {"contents": step["contents"], "found": contents(pathlib.Path(folder) / step["contents"])}
    for kind, change in (("add", add_document), ("delete", delete_document)):
        if kind in step:
            path, what = step[kind]
            change(pathlib.Path(folder) / path, what)
    return step


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def differences(recorded, found, where=""):
    """Yields where `found` differs from what was recorded, to the last bit. It may have more members."""
    if is_number(recorded) and is_number(found):
        if float(recorded).hex() != float(found).hex():
            yield f"{where}: {recorded!r} became {found!r}"
    elif isinstance(recorded, dict) and isinstance(found, dict):
        for key, value in recorded.items():
            if key in found:
                yield from differences(value, found[key], f"{where}.{key}")
            else:
                yield f"{where}: no {key}"
    elif isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        for number, (before, now) in enumerate(zip(recorded, found)):
            yield from differences(before, now, f"{where}[{number}]")
    elif type(recorded) is not type(found) or recorded != found:
        yield f"{where}: {recorded!r} became {found!r}"
