#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the descriptions of every package that this machine's apt knows as a corpus to search, and three kinds of
engagement between texts and packages to learn from.

corpus.jsonl, one JSON object a line:
    _id       package name
    title     synopsis (the one-line description)
    text      long description
    metadata  section, tags (debtags), source (package), size (bytes of the .deb), rdeps (how many packages depend on
              it, recommend or suggest it)

pairs.tsv, lines of task TAB query text TAB package:
    search    the synopsis of a package -> the package
    related   the synopsis of a package -> a package of another source that it depends on, recommends or suggests
    interest  the readable name of a section or debtag -> a package filed under it

The system's apt state is left as it is: long descriptions are fetched into a lists directory of our own.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

# Languages "none" of container images is overridden, and what others hang onto `apt-get update` (hooks, application
# metadata, sources) is left out.
APT_CONFIGURATION = """\
#clear APT::Update;
#clear Acquire::Languages;
#clear Acquire::IndexTargets;
Acquire::Languages { "en"; };
Acquire::IndexTargets::deb {
  Packages { MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages"; flatMetaKey "Packages";
    ShortDescription "Packages"; Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
    flatDescription "$(RELEASE) Packages"; Optional "0"; };
  Translations { MetaKey "$(COMPONENT)/i18n/Translation-$(LANGUAGE)"; flatMetaKey "$(LANGUAGE)";
    ShortDescription "Translation-$(LANGUAGE)"; Description "$(RELEASE)/$(COMPONENT) Translation-$(LANGUAGE)";
    flatDescription "$(RELEASE) Translation-$(LANGUAGE)"; };
};
"""

# Sections whose packages are drawn in by a dependency for technical reasons: no one who looks at A wants to see libc6.
PLUMBING = {"libs", "libdevel", "introspection", "oldlibs", "debug", "localization", "metapackages"}
# Companions that say nothing of their own about what they are for.
COMPANION = re.compile(r"-(dbg|dbgsym|doc|data|common|l10n(-.*)?)$")
COMPANION_SYNOPSIS = re.compile(
    r"transitional|dummy|empty package|meta-?package|debug(ging)? (symbols|files)|documentation|development files"
    r"|data files|common files|header files|language pack|shared librar|\(runtime\)", re.IGNORECASE)
MOST_RELATED_PACKAGES = 30
MOST_REVERSE_DEPENDENCIES = 60
MOST_PACKAGES_OF_AN_INTEREST = 400

SECTION_NAMES = {
    "admin": "system administration", "cli-mono": "mono cli", "comm": "communication", "devel": "software development",
    "doc": "documentation", "editors": "text editors", "gnome": "gnome desktop", "gnu-r": "gnu r statistics",
    "golang": "go programming", "hamradio": "amateur radio", "haskell": "haskell programming", "httpd": "web servers",
    "introspection": "gobject introspection", "java": "java programming", "javascript": "javascript programming",
    "kde": "kde desktop", "libdevel": "library development", "libs": "libraries", "lisp": "lisp programming",
    "mail": "email", "math": "mathematics", "misc": "miscellaneous", "net": "network", "news": "newsgroups",
    "ocaml": "ocaml programming", "otherosfs": "other operating systems filesystems", "perl": "perl programming",
    "php": "php programming", "python": "python programming", "ruby": "ruby programming",
    "rust": "rust programming", "tex": "tex typesetting", "text": "text processing", "utils": "utilities",
    "vcs": "version control", "x11": "x window system", "xfce": "xfce desktop",
}
NO_INTEREST_SECTIONS = {"oldlibs", "debug", "localization", "metapackages", "tasks"}
TAG_FACETS = {
    "accessibility": "accessibility", "admin": "administration", "biology": "biology", "devel": "development",
    "field": "", "game": "game", "hardware": "hardware", "junior": "junior", "made-of": "made of", "mail": "mail",
    "medicine": "medicine", "network": "network", "office": "office", "protocol": "protocol", "science": "science",
    "security": "security", "sound": "sound", "system": "system", "use": "", "web": "web", "works-with": "works with",
    "works-with-format": "format",
}


class Failure(Exception):
    """Ends the program with a message."""


def stanzas(lines):
    """Yields the fields of each stanza of a Debian control file; continuation lines stay joined by newlines."""
    fields, name = {}, None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if fields:
                yield fields
            fields, name = {}, None
        elif line[0] in " \t":
            if name:
                fields[name] += "\n" + line[1:]
        else:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def version_key(version):
    """Orders Debian versions as dpkg does: '~' before the end, letters before other characters, digits as numbers."""
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")

    def order(character):
        return -1 if character == "~" else ord(character) if character.isalpha() else ord(character) + 256

    def parts(text):
        return [(tuple(map(order, word)) + (0,), int(number or 0)) for word, number in
                re.findall(r"(\D*)(\d*)", text)]

    return int(epoch) if epoch.isdigit() else 0, parts(upstream), parts(revision)


def plain_text(description):
    """A long description without its layout: lines joined, paragraph dots removed."""
    return " ".join(word for line in description.split("\n") if line.strip() != "." for word in line.split())


def read_packages(files, translations):
    """The newest version of each package, by name."""
    packages = {}
    for lines in files:
        for fields in stanzas(lines):
            name = fields.get("Package")
            if not name or "Version" not in fields:
                continue
            old = packages.get(name)
            if old and version_key(old["Version"]) >= version_key(fields["Version"]):
                continue
            packages[name] = fields
    texts = {}
    for lines in translations:
        for fields in stanzas(lines):
            texts[fields.get("Description-md5")] = fields.get("Description-en", "")
    for fields in packages.values():
        description = texts.get(fields.get("Description-md5")) or fields.get("Description", "")
        synopsis, _, text = description.partition("\n")
        fields["synopsis"], fields["text"] = plain_text(synopsis), plain_text(text)
        fields["section"] = fields.get("Section", "").rpartition("/")[2]
        fields["tags"] = re.findall(r"[^\s,]+", fields.get("Tag", ""))
        fields["source"] = fields.get("Source", fields["Package"]).partition(" ")[0]
    return dict(sorted(packages.items()))


def dependencies(packages, fields):
    """The packages that one names, in the order in which it names them."""
    names = ", ".join(fields[key] for key in ("Depends", "Recommends", "Suggests") if key in fields)
    found = (re.match(r"[^\s(:]*", name.strip())[0] for name in re.split(r"[,|]", names))
    return [name for name in dict.fromkeys(found) if name in packages and name != fields["Package"]]


def interests(fields):
    """The readable names of a package's section and debtags."""
    section = fields["section"]
    if section and section not in NO_INTEREST_SECTIONS:
        yield SECTION_NAMES.get(section, section)
    for tag in fields["tags"]:
        facet, _, value = tag.partition("::")
        if facet in TAG_FACETS and value and "TODO" not in value and value != "no-known-issues":
            yield f"{TAG_FACETS[facet]} {re.sub('[-:]+', ' ', value)}".strip()


def engagement_pairs(packages, needed, reverse):
    """Yields (task, query, package)."""
    same = collections.Counter(fields["synopsis"].lower() for fields in packages.values())

    def telling(name, fields):
        synopsis = fields["synopsis"]
        return (len(synopsis.split()) >= 2 and same[synopsis.lower()] == 1 and not COMPANION.search(name)
                and not COMPANION_SYNOPSIS.search(synopsis) and fields["section"] not in NO_INTEREST_SECTIONS)

    queries = {name: fields for name, fields in packages.items() if telling(name, fields)}
    for name, fields in queries.items():
        yield "search", fields["synopsis"], name
    for name, fields in queries.items():
        related = [other for other in needed[name] if packages[other]["source"] != fields["source"]
                   and packages[other]["section"] not in PLUMBING and reverse[other] <= MOST_REVERSE_DEPENDENCIES]
        for other in related[:MOST_RELATED_PACKAGES]:
            yield "related", fields["synopsis"], other
    members = collections.defaultdict(list)
    for name, fields in packages.items():
        for interest in dict.fromkeys(interests(fields)):
            members[interest].append(name)
    for interest, names in sorted(members.items()):
        for name in sorted(names, key=lambda name: (-reverse[name], name))[:MOST_PACKAGES_OF_AN_INTEREST]:
            yield "interest", interest, name


def write(packages, directory):
    """Writes both files. Returns how many documents and pairs there are."""
    needed = {name: dependencies(packages, fields) for name, fields in packages.items()}
    reverse = collections.Counter(other for names in needed.values() for other in names)
    with open(directory / "corpus.jsonl", "w", encoding="utf-8") as out:
        for name, fields in packages.items():
            metadata = {"section": fields["section"], "tags": fields["tags"], "source": fields["source"],
                        "size": int(fields.get("Size") or 0), "rdeps": reverse[name]}
            document = {"_id": name, "title": fields["synopsis"], "text": fields["text"], "metadata": metadata}
            out.write(json.dumps(document, ensure_ascii=False) + "\n")
    tasks = collections.Counter()
    with open(directory / "pairs.tsv", "w", encoding="utf-8") as out:
        for task, query, name in engagement_pairs(packages, needed, reverse):
            tasks[task] += 1
            out.write(f"{task}\t{query}\t{name}\n")
    return {"documents": len(packages), "without_long_text": sum(not f["text"] for f in packages.values()),
            "pairs": sum(tasks.values()), "tasks": tasks}


def read_list(path):
    """The lines of one of apt's lists, however apt compressed it."""
    with subprocess.Popen(["/usr/lib/apt/apt-helper", "cat-file", path], stdout=subprocess.PIPE) as helper:
        yield from (line.decode("utf-8", "replace") for line in helper.stdout)
    if helper.returncode:
        raise Failure(f"cannot read {path}")


def fetch_lists(directory):
    """Fetches apt's lists with long descriptions. Returns the files of packages and of translations."""
    lists, cache, configuration = directory / "lists", directory / "cache", directory / "apt.conf"
    for folder in (lists / "partial", cache):
        folder.mkdir(parents=True, exist_ok=True)
    configuration.write_text(APT_CONFIGURATION, encoding="ascii")
    options = ["-c", configuration, "-o", f"Dir::State::lists={lists}/", "-o", f"Dir::Cache={cache}/"]
    log = directory / "apt.log"
    with open(log, "w", encoding="utf-8") as out:
        update = subprocess.run(["apt-get", "update", *options], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                check=False, env={**os.environ, "LC_ALL": "C"})
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(FILENAME)", *options],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, text=True).stdout
    files = collections.defaultdict(list)
    for kind, _, path in (line.partition(" ") for line in targets.splitlines()):
        files[kind].append(path)
    if not files["Packages"] or not files["Translations"]:
        raise Failure(f"apt-get update brought no package lists with long descriptions; see {log}")
    if update.returncode or re.search("^(E|W: Failed|Err):", log.read_text(errors="replace"), re.MULTILINE):
        print(f"some package sources could not be read and are left out; see {log}", file=sys.stderr)
    return files["Packages"], files["Translations"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path, help="where to write; apt's lists go into its folder apt")
    parser.add_argument("--packages", metavar="FILE", action="append",
                        help="a list of packages to read in place of apt's; may be given several times")
    parser.add_argument("--translations", metavar="FILE", action="append", default=[],
                        help="a list of long descriptions that goes with it")
    arguments = parser.parse_args()
    try:
        directory = arguments.directory.resolve()
        directory.mkdir(parents=True, exist_ok=True)
        lists, translations = arguments.packages, arguments.translations
        if not lists:
            lists, translations = fetch_lists(directory / "apt")
        packages = read_packages(map(read_list, lists), map(read_list, translations))
        if not packages:
            raise Failure("the package lists are empty")
        print(json.dumps(write(packages, directory)))
    except (Failure, OSError) as error:
        sys.exit(f"debian_corpus.py: {error}")


if __name__ == "__main__":
    main()
