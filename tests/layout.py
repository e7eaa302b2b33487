#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the tree that no compiler checks: which layer may include which, what is public, where circles would
arise, what a library may not do, which files lie where. Run by ctest; each rule is also shown a tree that breaks it."""
import pathlib
import posixpath
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "COPYING", "README.md", "plugin", "analyzers", "index", "examples",
             "tests"}
# From left to right; a layer may include itself and those before it.
LAYERS = ["analyzers", "analyzers/training", "plugin", "index", "index/cli"]
LIBRARY = LAYERS[:-1]
# Folders of what programs need that only index and search may not use those of learning or of the command's tools.
TOOLS = ("index/pictures/", "index/enrichment/")
LEARNING = ("analyzers/training/", "index/feeding/", "index/tuning/")
MOST_PUBLIC_HEADERS = 42
FILES_OF_A_FOLDER = range(5, 21)
INSTALLED = ".cmake/install.cmake"
ARCHITECTURE = ".github/ARCHITECTURE.md"
COMMENT_OR_STRING = re.compile(
    r'R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(?:std::|fmt::|::)?(v?f?printf|puts|fputs|putchar|perror|print|println)"
                    r"\s*\(")
EXITS = re.compile(r"(?<![\w.>])(?:std::|::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\(")
WITHOUT_COMMENTS = {".json", ".md", ".jsonl", ".tsv", ".gz", ".xz", ".dict", ".vec", ".symbols"}


def project_files(root):
    """Paths of the project's files, relative to `root`, as git sees them."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
    else:  # an unpacked archive
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
    return sorted(name for name in names if name and (root / name).is_file() and not name.startswith(("build/", ".git/")))


def layer_of(name):
    """The layer that a file belongs to, or None."""
    owners = [layer for layer in LAYERS if name.startswith(layer + "/")]
    return max(owners, key=len, default=None)


def includes(name, text):
    """Yields what a file includes: project files by their path, anything else as written."""
    for mark, target in INCLUDE.findall(text):
        if " " in target:  # no file: version.h ends a compilation so
            continue
        if target.startswith("vecterm/"):
            yield target.removeprefix("vecterm/")
        elif mark == '"' and not layer_of(target):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
        else:
            yield target


def check_layering(name, text):
    layer = layer_of(name)
    if not layer:
        return
    for target in includes(name, text):
        other = layer_of(target)
        if other and LAYERS.index(other) > LAYERS.index(layer):
            yield f"{layer} includes {target}"
        if layer.startswith("analyzers") and target.startswith("xapian"):
            yield f"{layer} includes Xapian"
        if layer in LIBRARY and target.startswith("CLI"):
            yield f"{layer} includes CLI11"


def check_manners(name, text):
    if layer_of(name) not in LIBRARY:
        return
    code = COMMENT_OR_STRING.sub('""', text)
    for rule, what in ((PRINTS, "prints"), (EXITS, "ends the program")):
        if found := rule.search(code):
            yield f"the library {what}: {found[0]}"


def check_examples(name, text):
    if not name.startswith("examples/"):
        return
    for mark, target in INCLUDE.findall(text):
        if mark == '"' or layer_of(target):
            yield f"an example includes {target}; users have <vecterm/...> only"


def check_marks(name, text):
    verbatim = name == "COPYING" or name.startswith("tests/data/")
    if pathlib.PurePath(name).suffix not in WITHOUT_COMMENTS and not verbatim:
        if "SPDX-License-Identifier: GPL-2.0-or-later" not in "\n".join(text.split("\n")[:3]):
            yield "no SPDX line at the top"
    if name.endswith(".h") and "#pragma once" not in text:
        yield "no #pragma once"


def check_build(name, text):
    if name.endswith(("CMakeLists.txt", ".cmake", "CMakePresets.json")):
        for word in ("-march=native", "file(GLOB", "CMAKE_CXX_FLAGS "):
            if word in text:
                yield f"{word.strip()} in the build"


def check_place(name, _):
    top = name.split("/")[0]
    if top not in TOP_LEVEL and not top.startswith("."):
        yield "the top level is fixed"


def is_public(name):
    """A header at the top of a layer is public, one in a folder is not."""
    return name.endswith(".h") and posixpath.dirname(name) in LIBRARY


def library_of(name):
    """0: programs that index and search need it, 1: those that learn, 2: the command alone."""
    if name.startswith(("index/cli/",) + TOOLS):
        return 2
    return 1 if name.startswith(LEARNING) else 0


def check_public(name, text):
    if is_public(name):
        for target in includes(name, text):
            if layer_of(target) and not is_public(target):
                yield f"a public header includes the private {target}"
    elif name.endswith(".h") and layer_of(name) and "VECTERM_API" in text:
        yield "a private header is marked with VECTERM_API"


def homes(names):
    """Of each file its source, which says where a public header belongs; itself where it has none."""
    sources = {}
    for name in names:
        if name.endswith(".cc") and posixpath.dirname(name) not in LAYERS:
            sources[layer_of(name), posixpath.basename(name).removesuffix(".cc")] = name
    return {name: sources.get((layer_of(name), posixpath.basename(name).removesuffix(".h")), name)
            if is_public(name) else name for name in names}


def check_libraries(texts):
    home = homes([name for name in texts if layer_of(name)])
    for name in home:
        for target in includes(name, texts[name]) if layer_of(name) in LIBRARY else ():
            other = layer_of(target)
            if other and LAYERS.index(other) <= LAYERS.index(layer_of(name)):
                if library_of(home.get(target, target)) > library_of(home[name]):
                    yield f"{name}: a library needs {target} of another"


def circles(edges):
    """The groups of nodes that reach each other, by Tarjan's algorithm; edges as {node: set of nodes}."""
    numbers, lowest, stack, found = {}, {}, [], []

    def visit(node):
        numbers[node] = lowest[node] = len(numbers)
        stack.append(node)
        for target in sorted(edges.get(node, ())):
            if target not in numbers:
                visit(target)
            if target in stack:
                lowest[node] = min(lowest[node], lowest[target])
        if lowest[node] == numbers[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(edges):
        if node not in numbers:
            visit(node)
    return found


def check_circles(texts):
    """Units are x.h and x.cc; a public header belongs to the folder of its source, or stands for itself."""
    files = {name for name in texts if layer_of(name) and name.endswith((".h", ".cc"))}
    home = homes(files)
    units, folders = {}, {}
    for name in files:
        for target in includes(name, texts[name]):
            if target not in files:
                continue
            here, there = (posixpath.splitext(home[file])[0] for file in (name, target))
            if here != there:
                units.setdefault(here, set()).add(there)
            here, there = (home[file] if is_public(home[file]) else posixpath.dirname(home[file])
                           for file in (name, target))
            if here != there:
                folders.setdefault(here, set()).add(there)
    for what, edges in (("units", units), ("folders", folders)):
        for group in circles(edges):
            yield f"{group[0]}: {what} include each other in a circle: {' '.join(group)}"


def check_folders(texts):
    counts = {}
    for name in texts:
        if layer_of(name) and name.endswith((".h", ".cc")):
            counts.setdefault(posixpath.dirname(name), []).append(name)
    for folder, names in sorted(counts.items()):
        if len(names) not in FILES_OF_A_FOLDER:
            yield f"{folder}: has {len(names)} files; must have {FILES_OF_A_FOLDER[0]} to {FILES_OF_A_FOLDER[-1]}"
        if f"`{folder}/`" not in texts.get(ARCHITECTURE, ""):
            yield f"{folder}: has no line in {ARCHITECTURE}"


def check_installed(texts):
    public = {name for name in texts if is_public(name)}
    listed = set(re.findall(r"^\s*([a-z][a-z/0-9_]+\.h)\b", texts.get(INSTALLED, ""), re.MULTILINE))
    for name in sorted(public ^ listed):
        yield f"{name}: " + ("is public, but not installed" if name in public else "is installed, but not public")
    if len(public) > MOST_PUBLIC_HEADERS:
        yield f"public headers: there must be at most {MOST_PUBLIC_HEADERS}; are {len(public)}"


def check_tested(texts):
    """Each unit has a test of its name, or one that includes its header or names its source."""
    tests = {name: text for name, text in texts.items() if name.startswith("tests/")}
    named = {posixpath.basename(name).removesuffix("_test.cc") for name in tests}
    included = {target for name, text in tests.items() for target in includes(name, text)}
    everything = "\n".join(tests.values())
    for name in sorted(texts):
        if layer_of(name) not in LIBRARY or not name.endswith(".cc"):
            continue
        stem = posixpath.splitext(posixpath.basename(name))[0]
        headers = {posixpath.splitext(name)[0] + ".h", f"{layer_of(name)}/{stem}.h"}
        if stem not in named and not headers & included and f"{stem}.cc" not in everything:
            yield f"{name}: no test has its name, includes its header or names it"


FILE_RULES = (check_layering, check_public, check_manners, check_examples, check_marks, check_build, check_place)
TREE_RULES = (check_libraries, check_circles, check_folders, check_installed, check_tested)


def breaches(root, tree_rules=TREE_RULES):
    """Everything in the tree that breaks a rule."""
    texts = {name: (root / name).read_bytes().decode("utf-8", "replace") for name in project_files(root)}
    found = []
    for name, text in texts.items():
        for rule in FILE_RULES:
            found += [f"{name}: {what}" for what in rule(name, text)]
    for rule in tree_rules:
        found += rule(texts)
    return found


SPDX = "// SPDX-License-Identifier: GPL-2.0-or-later\n"
BROKEN = {
    "analyzers/a.cc": ("#include <xapian.h>", "includes Xapian"),
    "analyzers/b.cc": ('#include "../plugin/b.h"', "includes plugin/b.h"),
    "analyzers/c.cc": ('#include "training/c.h"', "includes analyzers/training/c.h"),
    "analyzers/d.cc": ("// Never.\nvoid f() { std::cout << 1; }", "prints"),
    "analyzers/e.cc": ("void f() { fmt::print(1); }", "prints"),
    "analyzers/training/f.cc": ('#include "index/f.h"', "includes index/f.h"),
    "plugin/g.cc": ("#include <vecterm/index/g.h>", "includes index/g.h"),
    "plugin/h.cc": ("void f() { std::exit(1); }", "ends the program"),
    "plugin/n.cc": ('#include "../analyzers/training/n.h"', "a library needs analyzers/training/n.h"),
    "index/i.cc": ("#include <CLI/CLI.hpp>", "includes CLI11"),
    "index/j.cc": ('#include "cli/j.h"', "includes index/cli/j.h"),
    "index/k.h": ("", "no #pragma once"),
    "plugin/o.h": ('#pragma once\n#include "search/o.h"', "includes the private plugin/search/o.h"),
    "plugin/search/p.h": ("#pragma once\nclass VECTERM_API P;", "is marked with VECTERM_API"),
    "index/store/q.cc": ('#include "index/tuning/q.h"', "a library needs index/tuning/q.h"),
    "index/feeding/r.cc": ('#include "index/pictures/r.h"', "a library needs index/pictures/r.h"),
    "examples/l.cc": ('#include "plugin/l.h"', "users have <vecterm/...> only"),
    "examples/CMakeLists.txt": ("add_compile_options(-march=native)", "-march=native in the build"),
    "src/m.cc": ("", "the top level is fixed"),
}
SOUND = {
    "analyzers/a.cc": '#include "a.h"\n// printf() and exit()\nauto s = "std::cout";\nvoid f() { snprintf(); at_exit(); }',
    "plugin/b.cc": '#include "../analyzers/a.h"\n#include <xapian.h>\n#include "b.h"',
    "index/cli/c.cc": '#include "index/c.h"\n#include <CLI/CLI.hpp>\nvoid f() { printf(); exit(1); }',
    "examples/d.cc": "#include <vecterm/index/index.h>\nint main() { std::cout << 1; }",
}


class LayoutTest(unittest.TestCase):
    maxDiff = None

    def tree(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(SPDX + text)
        return root

    def test_the_project_keeps_the_rules(self):
        self.assertGreater(len(project_files(ROOT)), 50)
        self.assertEqual(breaches(ROOT), [])

    def test_every_rule_finds_its_breach(self):
        found = breaches(self.tree({name: text for name, (text, _) in BROKEN.items()}), (check_libraries,))
        self.assertEqual(len(found), len(BROKEN), found)
        for name, (_, what) in BROKEN.items():
            self.assertTrue(any(line.startswith(name + ":") and what in line for line in found), f"{name}: {what}")

    def test_a_missing_licence_is_found(self):
        root = self.tree({})
        (root / "README.md").write_text("vecterm")
        (root / "CMakeLists.txt").write_text("project(vecterm)")
        self.assertEqual(breaches(root), ["CMakeLists.txt: no SPDX line at the top"])

    def test_sound_files_pass(self):
        self.assertEqual(breaches(self.tree(SOUND), (check_libraries,)), [])

    def test_circles_of_units_are_found_through_a_public_header(self):
        root = self.tree({
            "plugin/a.h": "#pragma once\n",
            "plugin/search/a.cc": '#include "plugin/a.h"\n#include "plugin/search/b.h"\n',
            "plugin/search/b.h": '#pragma once\n#include "plugin/a.h"\n',
        })
        self.assertEqual(breaches(root, (check_circles,)), [
            "plugin/search/a: units include each other in a circle: plugin/search/a plugin/search/b"])

    def test_circles_of_folders_are_found(self):
        root = self.tree({
            "plugin/query/a.h": "#pragma once\n",
            "plugin/query/b.cc": '#include "plugin/search/c.h"\n',
            "plugin/search/c.h": "#pragma once\n",
            "plugin/search/d.cc": '#include "plugin/query/a.h"\n',
        })
        self.assertEqual(breaches(root, (check_circles,)), [
            "plugin/query: folders include each other in a circle: plugin/query plugin/search"])

    def test_small_and_undescribed_folders_are_found(self):
        root = self.tree({"plugin/query/a.h": "#pragma once\n"})
        self.assertEqual(breaches(root, (check_folders,)), [
            "plugin/query: has 1 files; must have 5 to 20",
            f"plugin/query: has no line in {ARCHITECTURE}"])

    def test_what_is_public_is_installed_and_nothing_else(self):
        root = self.tree({
            "plugin/a.h": "#pragma once\n",
            "plugin/query/b.h": "#pragma once\n",
            INSTALLED: "# SPDX-License-Identifier: GPL-2.0-or-later\nset(headers\n  plugin/query/b.h)",
        })
        self.assertEqual(breaches(root, (check_installed,)), [
            "plugin/a.h: is public, but not installed",
            "plugin/query/b.h: is installed, but not public"])

    def test_too_many_public_headers_are_found(self):
        names = [f"plugin/h{i}.h" for i in range(MOST_PUBLIC_HEADERS + 1)]
        root = self.tree({name: "#pragma once\n" for name in names} | {INSTALLED: "\n".join(names)})
        self.assertEqual(breaches(root, (check_installed,)), [
            f"public headers: there must be at most {MOST_PUBLIC_HEADERS}; are {MOST_PUBLIC_HEADERS + 1}"])

    def test_units_without_a_test_are_found(self):
        root = self.tree({
            "plugin/a.h": "#pragma once\n",
            "plugin/query/a.cc": "",
            "plugin/query/b.cc": "",
            "plugin/query/c.cc": "",
            "plugin/query/d.cc": "",
            "tests/plugin/query/b_test.cc": '#include "plugin/a.h"\n// Tests c.cc, too.\n',
        })
        self.assertEqual(breaches(root, (check_tested,)), [
            "plugin/query/d.cc: no test has its name, includes its header or names it"])


if __name__ == "__main__":
    unittest.main()
