# SPDX-License-Identifier: GPL-2.0-or-later
"""dict map."""

import os
import xml.etree.ElementTree

import support

SVG = "{http://www.w3.org/2000/svg}"


class DictMap(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train()

    def picture(self, *arguments):
        done = self.run_program("dict", "map", "words.dict", "-o", "map.svg", *arguments)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr.decode())
        self.assertRegex(done.stderr.decode(), r"^vecterm: wrote a map of \d+ (words|labels) to map.svg\n$")
        return xml.etree.ElementTree.fromstring(self.read("map.svg"))

    def names(self, picture):
        return [dot.find(SVG + "title").text for dot in picture.iter(SVG + "circle")]

    def test_words(self):
        picture = self.picture("--words", "40")
        names = self.names(picture)
        self.assertEqual(len(set(names)), 40)
        self.assertEqual(picture.find(SVG + "title").text, "40 words of words.dict")
        shown = [text.text for text in picture.iter(SVG + "text")][1:]
        self.assertGreater(len(shown), 30)
        self.assertLessEqual(set(shown), set(names))

    def test_labels(self):
        self.write("labels.tsv", "<fun & games>\tchess mazes\nfilms\tvideo clips\nnothing\txyzzy\n")
        picture = self.picture("--labels", "labels.tsv", "--title", "Interests")
        self.assertEqual(self.names(picture), ["<fun & games>", "films"])
        self.assertEqual(picture.find(SVG + "title").text, "Interests")

    def test_the_same_bytes_each_time(self):
        self.picture("--threads", "1")
        first = self.read("map.svg")
        self.picture("--threads", "2")
        self.assertEqual(self.read("map.svg"), first)

    def test_what_cannot_be_drawn_is_refused_and_leaves_no_file(self):
        self.write("labels.tsv", "films\tvideo\n")
        self.write("unknown.tsv", "nothing\txyzzy\n")
        run = ["dict", "map", "words.dict", "-o", "refused.svg"]
        self.check_failure(2, *run, "--words", "2001", says="--words")
        self.check_failure(2, *run, "--words", "5", "--labels", "labels.tsv", says="--words")
        self.check_failure(3, *run, "--words", "0", says="at least 1")
        self.check_failure(3, *run, "--labels", "unknown.tsv", says="at least 1")
        self.check_failure(3, *run, "--labels", "missing.tsv", says="missing.tsv")
        self.check_failure(5, "dict", "map", "words.dict", "-o", "nowhere/map.svg", says="nowhere")
        self.assertFalse(os.path.exists(self.path("refused.svg")))
