# SPDX-License-Identifier: GPL-2.0-or-later
"""Enriching a corpus, and what its new fields do to training and indexing."""

import json

import support

LOG = [(query, f"{topic}-{number}", "click", 2) for topic, queries in support.QUERIES.items() for query in queries
       for number in range(5)]


class Enrich(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write("log.tsv", support.tsv(LOG), compressed=True)

    def items(self, name):
        return [json.loads(line) for line in self.read(name).decode().splitlines()]

    def test_items_get_queries_and_boards_and_keep_the_rest(self):
        self.write("boards.tsv", support.tsv([("video-0", "Cinema nights"), ("video-0", "nights"), ("lost", "x")]))
        done = self.run_program("enrich", "corpus.jsonl", "--log", "log.tsv", "--boards", "boards.tsv",
                                "-o", "rich.jsonl", "--top-queries", "2")
        self.assertEqual(done.stderr.decode(), "vecterm: wrote 40 items, 40 with queries and 1 with boards, from 123 lines\n"
                                               "vecterm: 1 lines name items that are in no corpus\n")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        first = self.items("rich.jsonl")[0]
        self.assertEqual(first, {**support.DOCUMENTS[0], "queries": ["cinema at home", "movies"],
                                 "query_scores": dict.fromkeys(["cinema at home", "movies", "watch movies"], 2.0),
                                 "boards": ["Cinema nights"]})

    def test_another_window_is_blended_in(self):
        self.vecterm("enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "first.jsonl")
        self.write("next.tsv", support.tsv([("movies", "video-0", "save", 3), ("movies", "video-0", "share", 9)]))
        text = self.vecterm("enrich", "first.jsonl", "--log", "next.tsv", "--action", "save=4", "share=0", "--decay",
                            "0.25", "-o", "-")
        first = json.loads(text.splitlines()[0])
        self.assertEqual(first["query_scores"], {"movies": 12.5, "cinema at home": 0.5, "watch movies": 0.5})

    def test_the_summary_in_json(self):
        self.write("more.tsv", "film\tlost\tclick\t1\n")
        text = self.vecterm("enrich", "corpus.jsonl", "--log", "log.tsv", "more.tsv", "-o", "rich.jsonl", "--json")
        self.assertEqual(json.loads(text), {"items": 40, "with_queries": 40, "with_boards": 0, "log_lines": 121,
                                            "unknown_log_lines": 1, "board_lines": 0, "unknown_board_lines": 0})

    def test_where_few_items_have_queries_that_is_said(self):
        self.write("few.tsv", support.tsv(LOG[:1]))
        done = self.run_program("enrich", "corpus.jsonl", "--log", "few.tsv", "-o", "rich.jsonl")
        self.assertIn("only 2.5 % of the items have queries", done.stderr.decode())

    def test_words_of_queries_are_found_where_the_field_is_indexed(self):
        self.vecterm("enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "rich.jsonl")
        self.train("words.dict")
        self.vecterm("index", "plain.db", "--dict", "words.dict", "rich.jsonl")
        self.vecterm("index", "rich.db", "--dict", "words.dict", "rich.jsonl", "--fields", "title:2,text,queries:3")
        self.assertEqual(self.hits("plain.db", "cinema", "--mode", "words"), [])
        self.assertEqual({hit["id"] for hit in self.hits("rich.db", "cinema", "--mode", "words")},
                         {f"video-{number}" for number in range(5)})
        self.assertEqual(self.inspect("plain.db")["fields"], ["title", "text"])
        self.assertEqual(self.inspect("rich.db")["fields"], ["title:2", "text", "queries:3"])
        # The index remembers them; others are refused.
        self.vecterm("index", "rich.db", "--dict", "words.dict", "rich.jsonl")
        self.check_failure(2, "index", "rich.db", "--dict", "words.dict", "rich.jsonl", "--fields", "text",
                           says="settings must be those")

    def test_fields_of_a_configuration_and_of_the_command_line(self):
        self.train("words.dict")
        self.write("fields.toml", "fields = ['text', 'tags:4']\nslot = 7\n")
        index = ["--dict", "words.dict", "corpus.jsonl", "--config", "fields.toml"]
        self.vecterm("index", "a.db", *index)
        self.assertEqual(self.inspect("a.db")["fields"], ["text", "tags:4"])
        self.vecterm("index", "b.db", *index, "--fields", "title,text")
        shown = self.inspect("b.db")
        self.assertEqual((shown["fields"], shown["slot"]), (["title", "text"], 7))

    def test_training_reads_the_fields_too(self):
        self.vecterm("enrich", "corpus.jsonl", "--log", "log.tsv", "-o", "rich.jsonl")
        train = ["train", "--pairs", "pairs.tsv", *support.TRAINING]
        self.vecterm(*train, "--corpus", "rich.jsonl", "-o", "plain.dict")
        self.vecterm(*train, "--corpus", "corpus.jsonl", "-o", "same.dict")
        self.vecterm(*train, "--corpus", "rich.jsonl", "-o", "rich.dict", "--fields", "title,text,queries:2")
        self.assertEqual(self.read("plain.dict"), self.read("same.dict"))
        self.assertNotEqual(self.read("plain.dict"), self.read("rich.dict"))

    def test_what_cannot_be_enriched_is_refused_and_writes_nothing(self):
        enrich = ["enrich", "corpus.jsonl", "-o", "new.jsonl"]
        self.check_failure(2, *enrich, says="logs or boards")
        self.check_failure(2, *enrich, "--log", "log.tsv", "--decay", "2", says="decay must be in [0, 1]; was 2")
        self.check_failure(2, *enrich, "--log", "log.tsv", "--top-queries", "0", says="top_queries")
        self.check_failure(2, *enrich, "--log", "log.tsv", "--action", "click", says="--action must be NAME=N")
        self.check_failure(2, *enrich, "--log", "log.tsv", "--action", "click=x", says="--action")
        self.check_failure(2, "enrich", "corpus.jsonl", "-o", "-", "--log", "log.tsv", "--json", says="--json")
        self.check_failure(3, *enrich, "--log", "missing.tsv", says="missing.tsv")
        self.write("bad.tsv", "film\tvideo-0\tclick\t1\nfilm\tvideo-0\tview\t1\n")
        self.check_failure(3, *enrich, "--log", "bad.tsv", says='bad.tsv, line 2: the action "view" has no weight')
        self.check_failure(5, "enrich", "corpus.jsonl", "-o", "none/new.jsonl", "--log", "log.tsv", says="none/new.jsonl")
        self.assertRaises(FileNotFoundError, self.read, "new.jsonl")
