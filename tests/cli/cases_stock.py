# SPDX-License-Identifier: GPL-2.0-or-later
"""Indexes that stock Xapian built or reads."""

import json
import os
import shutil
import socket
import subprocess
import time

import xapian

import support
from support import DOCUMENTS, json_lines


def build(path, with_ids=True):
    database = xapian.WritableDatabase(path, xapian.DB_CREATE)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    for entry in DOCUMENTS:
        document = xapian.Document()
        generator.set_document(document)
        generator.set_termpos(0)
        generator.index_text(entry["title"])
        generator.increase_termpos()
        generator.index_text(entry["text"])
        if with_ids:
            document.add_boolean_term("Q" + entry["_id"])
        database.add_document(document)
    database.close()


def search(path, text):
    database = xapian.Database(path)
    parser = xapian.QueryParser()
    parser.set_stemmer(xapian.Stem("en"))
    parser.set_stemming_strategy(parser.STEM_SOME)
    parser.set_database(database)
    enquire = xapian.Enquire(database)
    enquire.set_query(parser.parse_query(text))
    return [(match.docid, match.weight) for match in enquire.get_mset(0, 100)]


class Stock(support.IndexedCase):
    def test_embed_gives_what_indexing_gives(self):
        build(self.path("stock.db"))
        done = self.run_program("embed", "stock.db", "--dict", "words.dict")
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        self.assertIn(b"embedded 40 documents, 40 with a vector", done.stderr)
        for entry in DOCUMENTS[::4]:
            ours, theirs = self.inspect("docs.db", entry["_id"]), self.inspect("stock.db", entry["_id"])
            for key in ["docid", "tokens", "marker", "vector"]:
                self.assertEqual(ours[key], theirs[key])
        scores = lambda database: [(hit["id"], hit["score"]) for hit in self.hits(database, "movies on discs")]
        self.assertEqual(scores("docs.db"), scores("stock.db"))

    def test_embedding_twice_changes_nothing(self):
        build(self.path("twice.db"))
        self.vecterm("embed", "twice.db", "--dict", "words.dict")
        before = self.inspect("twice.db", "text-1")
        done = self.run_program("embed", "twice.db", "--dict", "words.dict")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"embedded 0 documents", done.stderr)
        self.assertEqual(self.inspect("twice.db", "text-1"), before)

    def test_documents_without_ids_are_shown_by_docid(self):
        build(self.path("anonymous.db"), with_ids=False)
        self.vecterm("embed", "anonymous.db", "--dict", "words.dict")
        hit = self.hits("anonymous.db", "movies")[0]
        self.assertEqual(hit["id"], str(hit["docid"]))

    def test_words_score_as_in_stock_xapian(self):
        for text in ["video films", "edits lines of text", "hosts"]:
            found = self.hits("docs.db", text, "--mode", "words", "-k", "100")
            self.assertEqual([(hit["docid"], hit["bm25"]) for hit in found], search(self.path("docs.db"), text))

    def test_an_index_without_embeddings_says_what_to_do(self):
        build(self.path("bare.db"))
        self.check_failure(3, "search", "bare.db", "films")
        self.check_failure(3, "inspect", "bare.db")

    def test_a_locked_index(self):
        build(self.path("locked.db"))
        self.vecterm("embed", "locked.db", "--dict", "words.dict")
        lock = xapian.WritableDatabase(self.path("locked.db"), xapian.DB_OPEN)
        try:
            self.check_failure(4, "index", "locked.db", "--dict", "words.dict", "corpus.jsonl", "--lock-seconds", "0", says="try again")
            self.check_failure(4, "embed", "locked.db", "--dict", "words.dict", "--lock-seconds", "0", says="try again")
            self.check_failure(4, "delete", "locked.db", "--lock-seconds", "0", "text-1", says="try again")
            self.assertTrue(self.hits("locked.db", "films"))
        finally:
            lock.close()
        self.vecterm("delete", "locked.db", "text-1")


class Remote(support.IndexedCase):
    """Stock servers, which know nothing of vecterm, with half of the documents each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = []
        for half in [0, 1]:
            cls.write(f"half{half}.jsonl", json_lines(DOCUMENTS[half::2]))
            cls.vecterm("index", f"half{half}.db", "--dict", "words.dict", f"half{half}.jsonl")
            lines.append(f"remote 127.0.0.1:{cls.serve(f'half{half}.db')}\n")
        cls.write("remote", "".join(lines))
        cls.write("local", "auto half0.db\nauto half1.db\n")

    @classmethod
    def serve(cls, name):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # The server ends its whole process group.
        server = subprocess.Popen(["xapian-tcpsrv", "--quiet", "--interface", "127.0.0.1", "--port", str(port),
                                   cls.path(name)], start_new_session=True)
        cls.addClassCleanup(server.wait)
        cls.addClassCleanup(server.terminate)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return port
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise AssertionError("xapian-tcpsrv does not answer")

    def check_same(self, *arguments):
        remote = self.hits("remote", "--dict", "words.dict", *arguments, "-k", "15")
        self.assertTrue(remote or "words" in arguments)
        for stub in ["local", "docs.db"]:
            local = self.hits(stub, *arguments, "-k", "15")
            # Weights add up in the order that the matcher likes.
            self.assertEqual([(hit["id"], hit["docid"], hit["cosine"], hit["tokens"], hit["title"]) for hit in remote],
                             [(hit["id"], hit["docid"], hit["cosine"], hit["tokens"], hit["title"]) for hit in local])
            for ours, theirs in zip(remote, local):
                for number in ["score", "bm25"]:
                    self.assertAlmostEqual(ours[number], theirs[number], delta=1e-12)

    def test_remote_databases_give_the_hits_and_scores_of_local_ones(self):
        for text in ["movies", "video films", "hosts of the network", "movies unknownword"]:
            for mode in ["words", "vector", "mixed"]:
                with self.subTest(text=text, mode=mode):
                    self.check_same(text, "--mode", mode)
                    self.check_same(text, "--mode", mode, "--plan", "plain-terms", "--probes", "8")
                    self.check_same(text, "--mode", mode, "--filter", "Qvideo-3")
        self.check_same("--like", "mail-2")

    def test_rankings_of_remote_databases_are_those_of_local_ones(self):
        self.write("ranking.toml", '[profiles.two]\nfirst_phase = "bm25 + share*cosine"\n'
                                   'second_phase = "rrf(60) + share*minmax(cosine) + doclength/1000"\n'
                                   'window = 100\nparameters = {share = 2}\n')
        for name in ["half0.db", "half1.db", "docs.db"]:
            self.vecterm("profiles", name, "--config", "ranking.toml")
        for text in ["movies", "video films", "hosts of the network"]:
            for more in [["--profile", "two"], ["--rank", "bm25/saturation + 0.25*cosine"], ["--rank", "rrf(60)"],
                         ["--rank", "minmax(bm25) + cosine^2 - doclength/100"], ["--rank", "votes + bm25"],
                         ["--rank", "bm25 + 9*mean_cosine", "--min-cosine", "0.2"], ["--min-score", "0.01"]]:
                with self.subTest(text=text, more=more):
                    self.check_same(text, *more)
                    self.check_same(text, *more, "--plan", "plain-terms", "--probes", "8",
                                    *([] if more[-2].startswith("--min") else ["--offset", "15"]))

    def test_the_dictionary_may_lie_beside_the_stub_file(self):
        self.check_failure(3, "search", "remote", "movies", says=".dict")
        fingerprint = self.inspect("docs.db")["dictionary"]["fingerprint"]
        shutil.copy(self.path("words.dict"), self.path(f"vecterm-{fingerprint}.dict"))
        self.addCleanup(os.remove, self.path(f"vecterm-{fingerprint}.dict"))
        self.assertEqual(self.hits("remote", "movies"), self.hits("remote", "--dict", "words.dict", "movies"))

    def test_plans_that_read_posting_lists_are_refused(self):
        for plan in ["probe", "filter-first"]:
            self.check_failure(2, "search", "remote", "--dict", "words.dict", "movies", "--plan", plan,
                               says="for remote databases; was " + plan)

    def test_explain_says_why(self):
        lines = self.vecterm("search", "remote", "--dict", "words.dict", "movies", "--plan", "plain-terms", "--probes", "8",
                             "--mode", "vector", "--explain", "--json").splitlines()
        report = json.loads(lines[0])
        self.assertEqual((report["plan"], report["probes"], report["candidates"]), ("plain-terms", 8, 40))
