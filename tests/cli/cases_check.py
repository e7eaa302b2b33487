# SPDX-License-Identifier: GPL-2.0-or-later
"""check: what it says of damage that Xapian's own bindings make, its exit codes, and repairing."""

import json
import os
import shutil

import xapian

import support


class Check(support.IndexedCase):
    def setUp(self):
        shutil.rmtree(self.path("d.db"), ignore_errors=True)
        shutil.copytree(self.path("docs.db"), self.path("d.db"))

    def edit(self, docid, change):
        database = xapian.WritableDatabase(self.path("d.db"), xapian.DB_OPEN)
        document = database.get_document(docid)
        change(document)
        database.replace_document(docid, document)
        database.commit()
        database.close()

    def check(self, *arguments, code=0):
        done = self.run_program("check", "d.db", *arguments, "--json")
        self.assertEqual((done.returncode, done.stderr), (code, b""))
        return json.loads(done.stdout)

    def test_an_intact_index(self):
        done = self.run_program("check", "d.db")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertEqual(done.stderr, b"vecterm: computed 40 documents; damage: 0, notes: 0\n")
        self.assertEqual(self.check(), {"documents": 40, "damage": False, "findings": []})
        self.assertEqual(self.check("--sample", "7")["documents"], 7)

    def test_damage_is_shown_with_ids_and_what_to_do(self):
        self.edit(3, lambda document: document.add_boolean_term("XLSH0abc_00_1"))
        done = self.run_program("check", "d.db")
        self.assertEqual(done.returncode, 3)
        rows = done.stdout.decode().splitlines()
        self.assertRegex(rows[0], r"^damage  orphan-tokens  d\.db: tokens .* \(1 documents: video-2\)$")
        self.assertRegex(rows[1], r"^note    stale-sidecar  d\.db: ")
        self.assertEqual(len(rows), 2)
        self.assertIn(b"damage: 1, notes: 1; `vecterm check d.db --repair` mends 2 of them", done.stderr)

    def test_json_has_every_finding(self):
        self.edit(3, lambda document: document.remove_value(1001))
        report = self.check(code=3)
        self.assertTrue(report["damage"])
        wrong, stale = report["findings"]
        self.assertEqual({name: wrong[name] for name in wrong if name != "text"},
                         {"kind": "wrong-embedding", "database": "d.db", "damage": True, "repairable": True,
                          "needs_force": False, "documents": 1, "examples": ["video-2"]})
        self.assertEqual((stale["kind"], stale["damage"], stale["examples"]), ("stale-sidecar", False, []))

    def test_repairing_says_what_was_and_what_is_left(self):
        before = self.inspect("d.db", "video-2")
        self.edit(3, lambda document: document.remove_value(1001))
        report = self.check("--repair")
        self.assertEqual(report["findings"], [])
        self.assertEqual([finding["kind"] for finding in report["before"]], ["wrong-embedding", "stale-sidecar"])
        self.assertEqual(self.inspect("d.db", "video-2"), before)
        self.edit(3, lambda document: document.remove_value(1001))
        done = self.run_program("check", "d.db", "--repair")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"wrong-embedding", done.stdout)
        self.assertIn(b"vecterm: repaired; what is left:\nvecterm: computed 40 documents; damage: 0, notes: 0\n",
                      done.stderr)

    def test_a_wrong_record_is_corrected_by_force_only(self):
        database = xapian.WritableDatabase(self.path("d.db"), xapian.DB_OPEN)
        good = database.get_metadata("vecterm.index")
        record = json.loads(good)
        record["hash_space"] = "0000" if record["hash_space"] != "0000" else "1111"
        database.set_metadata("vecterm.index", json.dumps(record))
        database.commit()
        database.close()
        before = self.contents()
        [finding] = self.check("--repair", code=3)["findings"]
        self.assertEqual((finding["kind"], finding["repairable"], finding["needs_force"]), ("wrong-record", False, True))
        self.assertIn("--force", finding["text"])
        self.assertEqual(self.contents(), before)
        done = self.run_program("check", "d.db")
        self.assertIn(b"--repair --force mends 1", done.stderr)
        self.check_failure(2, "check", "d.db", "--force", says="--repair")
        self.assertEqual(self.check("--repair", "--force")["findings"], [])
        self.assertEqual(self.contents(), before)
        self.assertEqual(xapian.Database(self.path("d.db")).get_metadata("vecterm.index"), good)

    def contents(self):
        """Terms and values of all documents."""
        database = xapian.Database(self.path("d.db"))
        return {posting.docid: ([term.term for term in database.get_document(posting.docid).termlist()],
                                [(value.num, value.value) for value in database.get_document(posting.docid).values()])
                for posting in database.postlist("")}

    def test_a_missing_dictionary_is_asked_for(self):
        name = [name for name in os.listdir(self.path("d.db")) if name.endswith(".dict")][0]
        os.makedirs(self.path("elsewhere"), exist_ok=True)
        os.rename(self.path("d.db/" + name), self.path("elsewhere/" + name))
        shutil.rmtree(self.path("alone"), ignore_errors=True)
        shutil.copytree(self.path("d.db"), self.path("alone/d.db"))
        done = self.run_program("check", "alone/d.db", "--repair", "--json")
        self.assertEqual(done.returncode, 3)
        report = json.loads(done.stdout)
        self.assertEqual([finding["kind"] for finding in report["findings"]], ["missing-dictionary"])
        self.assertIn(f"d.db/{name}", report["findings"][0]["text"])
        elsewhere = {**os.environ, "VECTERM_DICTIONARIES": self.path("elsewhere")}
        self.vecterm("check", "alone/d.db", "--repair", env=elsewhere)
        self.assertEqual(self.read("alone/d.db/" + name), self.read("elsewhere/" + name))
        self.vecterm("check", "alone/d.db")

    def test_a_damaged_database(self):
        table = self.path("d.db/postlist.glass")
        os.truncate(table, os.path.getsize(table) // 2)
        done = self.run_program("check", "d.db")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout.decode(), r"^damage  xapian-damage  d\.db: Xapian's own check fails: ")

    def test_failures(self):
        self.check_failure(3, "check", "none.db", says="no database at none.db")
        self.check_failure(2, "check", "d.db", "--sample", "-1", says="--sample")
        self.check_failure(2, "check", says="DB is required")
        self.edit(3, lambda document: document.remove_value(1001))
        lock = xapian.WritableDatabase(self.path("d.db"), xapian.DB_OPEN)
        self.check_failure(4, "check", "d.db", "--repair", "--lock-seconds", "0", says="another program writes")
        lock.close()


class CheckWithNGrams(Check):
    TRAINED_WITH = ["--ngrams"]
