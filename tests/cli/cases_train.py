# SPDX-License-Identifier: GPL-2.0-or-later
"""train beyond the main job: validation, checkpoints, entity vectors, mixing; and eval-pairs."""

import json
import os
import signal
import subprocess
import time

import support
from support import TRAINING, tsv

INPUT = ["--pairs", "pairs.tsv", "--corpus", "corpus.jsonl"]


def training(**changed):
    """TRAINING with other values for some options."""
    values = dict(zip(TRAINING[::2], TRAINING[1::2]))
    values.update({f"--{name}": str(value) for name, value in changed.items()})
    return [part for option in values.items() for part in option]


class Train(support.Case):
    def events(self, *arguments):
        """The JSON lines that training prints where it has no terminal."""
        done = self.run_program("train", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return [json.loads(line) for line in done.stderr.decode().splitlines() if line.startswith("{")]

    def check_late_failure(self, code, *arguments, says):
        """A failure after the input has been read and told of."""
        done = self.run_program(*arguments)
        *notes, error = done.stderr.decode().splitlines()
        self.assertEqual(done.returncode, code, error)
        self.assertIn(says, error)
        self.assertTrue(notes[0].startswith("vecterm: read "), notes)

    def test_without_pairs_the_texts_alone_are_learned_from(self):
        texts = ["--corpus", "corpus.jsonl", "--dim", "8"]
        said = self.run_program("train", "-o", "texts.dict", *texts).stderr.decode()
        self.assertIn("there are no pairs", said)
        self.assertIn("--pairs FILE", said)
        info = json.loads(self.vecterm("dict", "info", "texts.dict", "--json"))
        self.assertEqual(info["dimensions"], 8)
        self.assertEqual(info["provenance"]["method"], "lsa")
        self.vecterm("index", "texts.db", "--dict", "texts.dict", "corpus.jsonl")
        self.assertTrue(self.hits("texts.db", "video player", "--mode", "vector"))
        # The same bytes at another number of threads; forms of a word share a vector unless asked otherwise.
        self.vecterm("train", "-o", "again.dict", *texts, "--threads", "1")
        self.assertEqual(self.read("texts.dict"), self.read("again.dict"))
        self.vecterm("train", "-o", "forms.dict", *texts, "--stemmer", "none")
        self.assertNotEqual(self.read("texts.dict"), self.read("forms.dict"))
        # An update from the same texts has nothing to change.
        said = self.run_program("train", "-o", "new.dict", "--update", "texts.dict", "--corpus", "corpus.jsonl")
        self.assertIn("0 moved", said.stderr.decode())

    def test_options_that_would_do_nothing_are_refused(self):
        self.check_failure(2, "train", "-o", "x.dict", says="give texts with --corpus, or pairs with --pairs")
        for option in [["--epochs", "3"], ["--ngrams"], ["--validation", "0.1"], ["--checkpoint", "run.ckpt"]]:
            self.check_failure(2, "train", "-o", "x.dict", "--corpus", "corpus.jsonl", *option,
                               says=f"{option[0]} is for learning from pairs")
        self.check_failure(2, "train", "-o", "x.dict", "--corpus", "corpus.jsonl", "--stemmer", "klingon",
                           says='stemmer must be "none" or one of')
        self.check_failure(2, "train", "-o", "x.dict", *INPUT, "--stemmer", "en",
                           says="--stemmer is for learning from texts alone")
        self.check_failure(2, "train", "-o", "x.dict", *INPUT, "--method", "lsa", says="and there are pairs")
        self.check_failure(2, "train", "-o", "x.dict", "--corpus", "corpus.jsonl", "--method", "pairs",
                           says="or --own-pairs, which makes them of the texts")
        both = ["train", "-o", "x.dict", *INPUT, "--method", "both"]
        self.check_failure(2, *both, "--hash-rows", "100", says="--hash-rows")
        self.check_failure(2, *both, "--dim", "5", says="dimensions must be in [2, 4096]; was 1")

    def test_words_are_learned_both_ways_side_by_side(self):
        both = ["--method", "both", *training(dim=24)]
        self.vecterm("train", "-o", "both.dict", *INPUT, *both)
        info = json.loads(self.vecterm("dict", "info", "both.dict", "--json"))
        self.assertEqual(info["dimensions"], 24)
        self.assertEqual(info["provenance"]["method"], "side by side")
        self.assertEqual(info["provenance"]["second"]["method"], "lsa")
        self.vecterm("train", "-o", "again.dict", *INPUT, "--method", "both", *training(dim=24, threads=1))
        self.assertEqual(self.read("both.dict"), self.read("again.dict"))
        self.vecterm("index", "both.db", "--dict", "both.dict", "corpus.jsonl")
        self.assertTrue(self.hits("both.db", "video player", "--mode", "vector"))
        self.check_failure(2, "train", "-o", "x.dict", *INPUT, "--method", "both", "--update", "both.dict",
                           says="--method both starts anew")

    def test_judging_by_what_was_learned_from_is_told(self):
        self.write("known.tsv", "".join(self.read("pairs.tsv").decode().splitlines(True)[::2]))
        self.write("judged.tsv", "search\tmovies\tvideo-0\nsearch\ta query nobody learned\tvideo-1\n")
        self.vecterm("train", "-o", "known.dict", "--pairs", "known.tsv", "--corpus", "corpus.jsonl", *TRAINING)
        info = json.loads(self.vecterm("dict", "info", "known.dict", "--json"))
        self.assertGreater(info["learned_queries"], 0)
        self.assertGreater(info["learned_items"], 0)
        judge = ["eval-pairs", "known.dict", "--corpus", "corpus.jsonl", "--json", "--pairs"]
        done = self.run_program(*judge, "judged.tsv")
        self.assertEqual(json.loads(done.stdout)["learned_queries"], 0.5)
        self.assertIn("learned from 50 % of the judged queries", done.stderr.decode())
        self.write("new.tsv", "search\ta query nobody learned\tvideo-1\n")
        done = self.run_program(*judge, "new.tsv")
        self.assertEqual((json.loads(done.stdout)["learned_queries"], done.stderr), (0.0, b""))
        self.vecterm("index", "known.db", "--dict", "known.dict", "corpus.jsonl")
        self.write("q.jsonl", "".join(json.dumps({"_id": name, "text": text}) + "\n"
                                      for name, text in (("1", "Movies"), ("2", "nobody asked"))))
        self.write("q.tsv", "1\tvideo-0\t1\n2\tvideo-1\t1\n")
        done = self.run_program("eval", "known.db", "--queries", "q.jsonl", "--qrels", "q.tsv", "--json")
        self.assertEqual(json.loads(done.stdout)["learned_queries"], 0.5)
        self.assertIn("learned from 50 % of the judged queries", done.stderr.decode())
        # What learned from texts alone knows no queries.
        self.vecterm("train", "-o", "texts.dict", "--corpus", "corpus.jsonl", "--dim", "8")
        done = self.run_program("eval-pairs", "texts.dict", *judge[2:], "judged.tsv")
        self.assertEqual((json.loads(done.stdout)["learned_queries"], done.stderr), (None, b""))

    def test_texts_make_pairs_of_their_own(self):
        said = self.run_program("train", "-o", "own.dict", "--corpus", "corpus.jsonl", "--own-pairs", *training())
        self.assertIn("task title: ", said.stderr.decode())
        self.vecterm("index", "own.db", "--dict", "own.dict", "corpus.jsonl")
        self.assertTrue(self.hits("own.db", "video player", "--mode", "vector"))
        self.check_failure(2, "train", "-o", "x.dict", "--own-pairs", says="give texts with --corpus")

    def test_validation_is_told_after_each_epoch_and_patience_ends_the_run(self):
        events = self.events("-o", "v.dict", *INPUT, *training(epochs=60), "--validation", "0.2", "--patience", "2",
                             "--plot", "losses.svg")
        epochs = [event for event in events if event["event"] == "epoch"]
        self.assertEqual([event["epoch"] for event in epochs], list(range(1, len(epochs) + 1)))
        self.assertEqual(set(epochs[0]["loss"]), {"search", "click"})
        self.assertEqual(set(epochs[0]["tasks"]["search"]), {"items", "queries"})
        end = events[-1]
        self.assertEqual(end["event"], "end")
        self.assertEqual(len(epochs), min(60, end["best_epoch"] + 2))
        best = max(epochs, key=lambda event: event["validation"])
        self.assertEqual(best["validation"], epochs[end["best_epoch"] - 1]["validation"])
        with open(self.path("losses.svg"), encoding="utf-8") as picture:
            drawn = picture.read()
        self.assertTrue(drawn.startswith("<svg"))
        for name in ["search", "click", "validation"]:
            self.assertIn(name, drawn)

    def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(self):
        long = [*INPUT, *training(epochs=1500), "--checkpoint-seconds", "0"]
        self.vecterm("train", "-o", "whole.dict", *long)
        command = [support.PROGRAM, "train", "-o", "killed.dict", *long, "--checkpoint", "run.ckpt"]
        killed = 0
        for _ in range(3):
            run = subprocess.Popen(command, cwd=self.directory, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while not os.path.exists(self.path("run.ckpt")) and run.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.1)
            if run.poll() is None:
                run.send_signal(signal.SIGKILL)
                killed += 1
            run.wait()
        self.assertGreater(killed, 0)
        self.assertTrue(os.path.exists(self.path("run.ckpt")))
        self.check_late_failure(3, "train", "-o", "killed.dict", *long, "--seed", "2", "--checkpoint", "run.ckpt",
                                says="other data or other options")
        events = self.events("-o", "killed.dict", *INPUT, *training(epochs=1500, threads=1), "--checkpoint", "run.ckpt")
        self.assertTrue(events[-1]["resumed"])
        self.assertFalse(os.path.exists(self.path("run.ckpt")))
        self.assertEqual(self.read("killed.dict"), self.read("whole.dict"))

    def test_words_learn_to_find_items_by_vectors_of_their_own(self):
        # One axis a topic; the items need no text.
        topics = sorted(support.TOPICS)
        vectors = [f"{topic} " + " ".join("1" if i == j else "0" for j in range(len(topics)))
                   for i, topic in enumerate(topics)]
        self.write("items.vec", "\n".join(vectors) + "\n")
        clicks = tsv([("click", query, topic) for topic, queries in support.QUERIES.items() for query in queries])
        self.write("clicks.tsv", clicks)
        self.vecterm("train", "-o", "e.dict", "--pairs", "clicks.tsv", "--entity-vectors", "items.vec", "--min-count",
                     "1", "--epochs", "50", "--cells", "4")
        found = json.loads(self.vecterm("eval-pairs", "e.dict", "--pairs", "clicks.tsv", "--entity-vectors",
                                        "items.vec", "--json"))
        self.assertEqual((found["task"], found["distinct_items"], found["coverage"]), ("click", len(topics), 1))
        self.assertGreater(found["items"]["recall@1"], 0.95)

    def test_tasks_are_mixed_by_ratio_and_weight(self):
        events = self.events("-o", "r.dict", *INPUT, *TRAINING, "--ratio", "click=0", "--weight", "search=2")
        self.assertEqual(set(events[0]["loss"]), {"search"})
        self.check_failure(2, "train", "-o", "r.dict", *INPUT, "--ratio", "search", says="TASK=N")
        self.check_late_failure(2, "train", "-o", "r.dict", *INPUT, "--ratio", "nothing=1", says='there is no "nothing"')
        self.check_failure(2, "train", "-o", "r.dict", *INPUT, "--weight", "search=0", says="must be in (0, 1000]")

    def test_ngrams_give_misspelled_words_vectors_in_tables_of_either_form_and_updates_keep_them(self):
        self.write("typos.tsv", tsv([("search", "moveis", "video clips"), ("search", "proffread", "lines of text")]))
        learned = r"learned \d+ words, \d+ bigrams, \d+ trigrams "
        for name, options, says in (("plain.dict", [], learned + "of 16"),
                                    ("hashed.dict", ["--hash-rows", "50"], learned + "as mixtures of 50 vectors of 16")):
            done = self.run_program("train", "-o", name, *INPUT, *TRAINING, "--ngrams", "--ngram-min-count", "1", *options)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            self.assertRegex(done.stderr.decode(), says)
            found = json.loads(self.vecterm("eval-pairs", name, "--text-pairs", "typos.tsv", "--json"))
            self.assertEqual(found["items"]["recall@1"], 1)
            self.vecterm("train", "-o", "new.dict", "--update", name, *INPUT, "--epochs", "1")
            kept = [json.loads(self.vecterm("dict", "info", file, "--json"))["words"] for file in (name, "new.dict")]
            self.assertEqual(kept[0], kept[1])
            self.check_failure(2, "train", "-o", "x.dict", "--update", name, *INPUT, "--hash-rows", "7", says="hash_rows")
        self.vecterm("train", "-o", "words.dict", *INPUT, *TRAINING, "--no-ngrams")
        self.check_failure(2, "train", "-o", "x.dict", "--update", "words.dict", *INPUT, "--ngrams", says="words only")

    def test_autotune_says_what_it_found(self):
        done = self.run_program("train", "-o", "t.dict", *INPUT, *TRAINING, "--validation", "0.2", "--autotune", "0.5")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertRegex(done.stderr.decode(), r"autotune: \d+ trials, validation 0\.\d+ -> [01]\.\d+: --lr ")
        self.check_failure(2, "train", "-o", "t.dict", *INPUT, "--autotune", "5", says="--validation")
        self.check_failure(2, "train", "-o", "t.dict", *INPUT, "--validation", "0.9", says="(0, 0.5]")

    def test_eval_pairs_measures_both_directions(self):
        self.train("p.dict")
        figures = [json.loads(line) for line in
                   self.vecterm("eval-pairs", "p.dict", *INPUT, "--json").splitlines()]
        self.assertEqual([task["task"] for task in figures], ["search", "click"])
        for task in figures:
            self.assertGreater(task["items"]["mrr"], 0.9)
            self.assertGreater(task["queries"]["recall@10"], 0.5)
            self.assertEqual(task["coverage"], 1)
        self.assertIn("queries of an item", self.vecterm("eval-pairs", "p.dict", *INPUT))
        for codec in ["float16", "int8", "sign"]:
            for task, stored in zip(figures, map(json.loads, self.vecterm("eval-pairs", "p.dict", *INPUT, "--codec", codec,
                                                                          "--json").splitlines())):
                self.assertEqual((stored["task"], stored["codec"]), (task["task"], codec))
                self.assertGreater(stored["items"]["mrr"], 0.9 * task["items"]["mrr"])
        self.check_failure(2, "eval-pairs", "p.dict", *INPUT, "--codec", "float8", says="sign")
        self.check_failure(2, "eval-pairs", "p.dict", says="--text-pairs")
        self.write("empty.tsv", "")
        self.check_failure(3, "eval-pairs", "p.dict", "--text-pairs", "empty.tsv", says="no pair is usable")
        self.check_failure(3, "train", "-o", "x.dict", *INPUT, "--validation-text-pairs", "empty.tsv", "--patience", "2",
                           says="no pair is held out")
