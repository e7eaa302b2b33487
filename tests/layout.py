#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the tree that no compiler checks: which layer may include which, what a library may not do, which
files lie where. Run by ctest; each rule is also shown a tree that breaks it."""
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
COMMENT_OR_STRING = re.compile(
    r'R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
PRINTS = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(?:std::|fmt::|::)?(v?f?printf|puts|fputs|putchar|perror|print|println)"
                    r"\s*\(")
EXITS = re.compile(r"(?<![\w.>])(?:std::|::)?(_?exit|_Exit|quick_exit|abort|terminate)\s*\(")
WITHOUT_COMMENTS = {".json", ".md", ".jsonl", ".tsv", ".gz", ".xz", ".dict", ".vec"}


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
        if layer == "plugin" and other == "analyzers/training":
            yield f"a program that only searches needs {target}"
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


def breaches(root):
    """Everything in the tree that breaks a rule."""
    found = []
    for name in project_files(root):
        text = (root / name).read_bytes().decode("utf-8", "replace")
        for check in (check_layering, check_manners, check_examples, check_marks, check_build, check_place):
            found += [f"{name}: {what}" for what in check(name, text)]
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
    "plugin/n.cc": ('#include "../analyzers/training/n.h"', "only searches needs analyzers/training/n.h"),
    "index/i.cc": ("#include <CLI/CLI.hpp>", "includes CLI11"),
    "index/j.cc": ('#include "cli/j.h"', "includes index/cli/j.h"),
    "index/k.h": ("", "no #pragma once"),
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
        found = breaches(self.tree({name: text for name, (text, _) in BROKEN.items()}))
        self.assertEqual(len(found), len(BROKEN), found)
        for name, (_, what) in BROKEN.items():
            self.assertTrue(any(line.startswith(name + ":") and what in line for line in found), f"{name}: {what}")

    def test_a_missing_licence_is_found(self):
        root = self.tree({})
        (root / "README.md").write_text("vecterm")
        (root / "CMakeLists.txt").write_text("project(vecterm)")
        self.assertEqual(breaches(root), ["CMakeLists.txt: no SPDX line at the top"])

    def test_sound_files_pass(self):
        self.assertEqual(breaches(self.tree(SOUND)), [])


if __name__ == "__main__":
    unittest.main()
