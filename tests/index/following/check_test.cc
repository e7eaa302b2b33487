// SPDX-License-Identifier: GPL-2.0-or-later
// Tests check_database.cc, too.
#include "index/check.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>

#include "analyzers/errors.h"
#include "plugin/document_embedder.h"
#include "tests/support/check.h"

using namespace vecterm;

namespace {

namespace fs = std::filesystem;
using Fixture = test::CheckFixture;
using Kinds = test::Kinds;
using test::check_same;
using test::finding;
using test::kinds;
using test::kOrphan;

constexpr std::size_t kDocuments = Fixture::kDocuments;

void flip_byte(const std::string& file, std::size_t at) {
  std::string bytes = test::read_file(file);
  REQUIRE(bytes.size() > at);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  test::write_file(file, bytes);
}

struct Damage {
  std::string name;
  std::string kind;
  std::function<void(const Fixture&)> make;
  bool by_force = false;
};

const std::vector<Damage>& repairable_damages() {
  static const std::vector<Damage> all{
      {"a token is missing", "wrong-embedding",
       [](const Fixture& f) { f.edit(7, [&](auto& document) { document.remove_term(f.token(7)); }); }},
      {"a token too many", "wrong-embedding",
       [](const Fixture& f) {
         const std::string token = new_record(*f.dictionary).token_start() + "ff_0";
         f.edit(7, [&](auto& document) { document.add_boolean_term(token); });
       }},
      {"a vector is missing", "wrong-embedding",
       [](const Fixture& f) { f.edit(7, [](auto& document) { document.remove_value(schema::kVectorSlot); }); }},
      {"a vector has another bit", "wrong-embedding",
       [](const Fixture& f) {
         f.edit(7, [](auto& document) {
           std::string value = document.get_value(schema::kVectorSlot);
           value[3] = static_cast<char>(value[3] ^ 1);
           document.add_value(schema::kVectorSlot, value);
         });
       }},
      {"the marker is missing", "unmarked-embedding",
       [](const Fixture& f) { f.edit(7, [&](auto& document) { document.remove_term(f.marker()); }); }},
      {"a token of a hash space that is not there", "orphan-tokens",
       [](const Fixture& f) { f.edit(7, [](auto& document) { document.add_boolean_term(kOrphan); }); }},
      {"a marker of a hash space that is not there", "orphan-tokens",
       [](const Fixture& f) { f.edit(7, [](auto& document) { document.add_boolean_term("XLSHM0abc"); }); }},
      {"a vector in the other slot", "orphan-vectors",
       [](const Fixture& f) { f.edit(7, [](auto& document) { document.add_value(schema::kVectorSlot + 1, "x"); }); }},
      {"the tuning is damaged", "damaged-metadata", [](const Fixture& f) { f.set(schema::kTuningKey, "{"); }},
      {"the profiles are damaged", "damaged-metadata", [](const Fixture& f) { f.set(schema::kProfilesKey, "[]"); },
       true},
      {"the generations are damaged", "damaged-metadata", [](const Fixture& f) { f.set(schema::kGenerationsKey, "x"); },
       true},
      {"the update is damaged", "damaged-metadata", [](const Fixture& f) { f.set(schema::kUpdateKey, "x"); }},
      {"an update of a generation that is not there", "damaged-metadata",
       [](const Fixture& f) {
         f.set(schema::kUpdateKey, R"({"version":1,"generation":5,"next":1,"everywhere":true})");
       }},
      {"a changed byte in the sidecar", "damaged-sidecar", [](const Fixture& f) { flip_byte(f.file(".rows"), 1000); }},
      {"an empty sidecar", "damaged-sidecar", [](const Fixture& f) { test::write_file(f.file(".rows"), ""); }},
  };
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("an intact index has no findings, whatever its generations went through", Has, test::Words,
                   test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const auto check_clean = [&] {
    const CheckReport report = check_index(fixture.path);
    CHECK(kinds(report, true).empty());
    CHECK(kinds(report, false).empty());
    return report.documents;
  };
  CHECK(check_clean() == kDocuments);
  reindex(fixture.path, test::corpus_dictionary(2, Has{}));
  CHECK(check_clean() == kDocuments);
  reindex(fixture.path, test::other_dictionary(3, Has{}));
  CHECK(check_clean() == 2 * kDocuments);
  activate_generation(fixture.path, 1);
  CHECK(check_clean() == 2 * kDocuments);
  rollback_generation(fixture.path);
  CHECK(check_clean() == 2 * kDocuments);
  retire_generation(fixture.path, 1);
  CHECK(check_clean() == kDocuments);
}

TEST_CASE_TEMPLATE("each kind of damage is found, and repaired to what was never damaged", Has, test::Words,
                   test::NGrams) {
  const Fixture intact(Has{});
  for (const Damage& damage : repairable_damages()) {
    CAPTURE(damage.name);
    const Fixture fixture(Has{});
    damage.make(fixture);
    const CheckReport found = check_index(fixture.path);
    CHECK(kinds(found, true) == Kinds{damage.kind});
    CHECK(found.has_damage());
    CHECK(finding(found, damage.kind).repairable != damage.by_force);
    CHECK(finding(found, damage.kind).needs_force == damage.by_force);
    CHECK(finding(found, damage.kind).database == fixture.path);
    if (damage.by_force) CHECK(kinds(repair_index(fixture.path).left, true) == Kinds{damage.kind});
    const RepairReport repaired = repair_index(fixture.path, {.force = damage.by_force});
    CHECK(kinds(repaired.found, true) == Kinds{damage.kind});
    CHECK(kinds(repaired.left, true).empty());
    CHECK(kinds(repaired.left, false).empty());
    check_same(fixture.path, intact.path);
  }
}

TEST_CASE("a finding names how many documents it is about, and five of them") {
  const Fixture fixture;
  for (Xapian::docid docid = 10; docid < 20; ++docid)
    fixture.edit(docid, [](auto& document) { document.add_boolean_term(kOrphan); });
  const CheckReport report = check_index(fixture.path);
  CHECK(finding(report, "orphan-tokens").documents == 10);
  CHECK(finding(report, "orphan-tokens").examples == Kinds{"d9", "d10", "d11", "d12", "d13"});
}

TEST_CASE_TEMPLATE("words that another program changed leave the document with a wrong embedding until it is repaired",
                   Has, test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const std::string before = test::stored_documents(fixture.path)[5].values[schema::kVectorSlot];
  fixture.edit(5, [](auto& document) { document.add_term("w3", 50); });
  CHECK(finding(check_index(fixture.path), "wrong-embedding").examples == Kinds{"d4"});
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(test::stored_documents(fixture.path)[5].values[schema::kVectorSlot] != before);
}

TEST_CASE_TEMPLATE("damage of the generation beside the serving one is found and repaired", Has, test::Words,
                   test::NGrams, test::Hashed) {
  Fixture fixture(Has{});
  const auto other = test::other_dictionary(3, Has{});
  reindex(fixture.path, other);
  const auto intact = test::stored_documents(fixture.path);
  const std::string marker = "XLSHM" + other->hash_space().id();
  fixture.edit(8, [&](auto& document) { document.remove_term(marker); });
  fixture.edit(9, [&](auto& document) { document.remove_value(schema::kVectorSlot + 1); });
  fixture.edit(10, [](auto& document) { document.add_boolean_term(kOrphan); });
  CHECK(kinds(check_index(fixture.path), true) == Kinds{"unmarked-embedding", "wrong-embedding", "orphan-tokens"});
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(test::stored_documents(fixture.path) == intact);
}

TEST_CASE_TEMPLATE("an update under way is a note, and documents that it has not come to are not judged", Has,
                   test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const Fixture whole(Has{});
  reindex(whole.path, test::corpus_dictionary(2, Has{}));
  fixture.reindex_partly(test::corpus_dictionary(2, Has{}));
  const CheckReport report = check_index(fixture.path);
  CHECK(kinds(report, true).empty());
  const Finding& update = finding(report, "unfinished-update");
  CHECK(update.documents > 0);
  CHECK(report.documents > 0);
  CHECK(report.documents + update.documents == kDocuments);
  CHECK(update.text.find("vecterm reindex") != std::string::npos);
  fixture.edit(1, [](auto& document) { document.remove_value(schema::kVectorSlot); });
  fixture.edit(60, [](auto& document) { document.remove_value(schema::kVectorSlot); });
  CHECK(repair_index(fixture.path).left.findings.empty());
  check_same(fixture.path, whole.path);
}

TEST_CASE_TEMPLATE("a generation that is being built is a note, and repairing builds it to its end", Has, test::Words,
                   test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const Fixture whole(Has{});
  reindex(whole.path, test::other_dictionary(3, Has{}));
  fixture.reindex_partly(test::other_dictionary(3, Has{}));
  const CheckReport report = check_index(fixture.path);
  CHECK(kinds(report, true).empty());
  CHECK(finding(report, "unfinished-generation").documents > 0);
  CHECK(report.documents > kDocuments);
  CHECK(repair_index(fixture.path).left.findings.empty());
  check_same(fixture.path, whole.path);
}

TEST_CASE("pending documents, an interrupted run and a tuning of another hash space are notes") {
  const Fixture fixture;
  fixture.edit([](Xapian::WritableDatabase& database) {
    Xapian::Document document;
    document.add_term("w1");
    database.add_document(document);
    database.set_metadata(std::string(schema::kCursorKey), "{}");
    database.set_metadata(std::string(schema::kTuningKey),
                          R"({"version":1,"hash_space":"0abc","recall":0.5,"k":10,"queries":1,"curve":[{"most":1,)"
                          R"("reach":null,"recall":1,"probes":1,"postings":1,"candidates":1,"microseconds":1}]})");
  });
  const CheckReport report = check_index(fixture.path);
  CHECK(kinds(report, true).empty());
  CHECK(kinds(report, false) == Kinds{"other-tuning", "pending-documents", "unfinished-indexing", "stale-sidecar"});
  CHECK(finding(report, "pending-documents").examples == Kinds{"61"});
  CHECK(kinds(repair_index(fixture.path).left, false) == Kinds{"other-tuning", "unfinished-indexing"});
}

TEST_CASE("a host's own terms and values are neither reported nor touched") {
  const Fixture fixture;
  fixture.edit(3, [](auto& document) {
    for (const char* term : {"XIMG0abc_00_1", "XIMGM0abc", "XLSHOES", "XLSHMEN", "Kxyz"})
      document.add_boolean_term(term);
    document.add_value(2001, "an image");
    document.add_value(0, "its own");
  });
  const auto before = test::stored_documents(fixture.path);
  CHECK(kinds(check_index(fixture.path), true).empty());
  CHECK(kinds(check_index(fixture.path), false) == Kinds{"stale-sidecar"});
  fixture.edit(3, [](auto& document) { document.add_boolean_term(kOrphan); });
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(test::stored_documents(fixture.path) == before);
}

TEST_CASE("a sample is spread evenly, and all but the documents' embeddings is looked at in full") {
  const Fixture fixture;
  const CheckOptions sample{.sample = 6};
  fixture.edit(12, [](auto& document) { document.remove_value(schema::kVectorSlot); });
  CheckReport report = check_index(fixture.path, sample);
  CHECK(report.documents == 6);
  CHECK(kinds(report, true).empty());
  fixture.edit(11, [](auto& document) { document.remove_value(schema::kVectorSlot); });
  fixture.edit(13, [](auto& document) { document.add_boolean_term(kOrphan); });
  report = check_index(fixture.path, sample);
  CHECK(kinds(report, true) == Kinds{"wrong-embedding", "orphan-tokens"});
  CHECK(repair_index(fixture.path, sample).left.findings.empty());
  CHECK(finding(check_index(fixture.path), "wrong-embedding").examples == Kinds{"d11"});
  CHECK(check_index(fixture.path, {.sample = 1000}).documents == kDocuments);
}

TEST_CASE("a damaged update is repaired in all documents, whatever the sample") {
  const Fixture fixture;
  const Fixture whole;
  reindex(whole.path, test::corpus_dictionary(2));
  fixture.reindex_partly(test::corpus_dictionary(2));
  fixture.set(schema::kUpdateKey, "x");
  CHECK(repair_index(fixture.path, {.sample = 1}).left.findings.empty());
  check_same(fixture.path, whole.path);
}

TEST_CASE("a dictionary that another place has is installed, a missing one is asked for") {
  const Fixture fixture;
  fs::create_directories(fixture.directory / "far/elsewhere");
  const std::string file = fixture.file(".dict");
  const std::string moved = fixture.directory / "far/elsewhere" + "/" + fs::path(file).filename().string();
  fs::rename(file, moved);
  CheckReport report = check_index(fixture.path);
  CHECK(kinds(report, true) == Kinds{"missing-dictionary"});
  CHECK(report.documents == 0);
  CHECK(finding(report, "missing-dictionary").text.find(file) != std::string::npos);
  CHECK(kinds(repair_index(fixture.path).left, true) == Kinds{"missing-dictionary"});

  const CheckOptions options{.edit = {.dictionaries = {fixture.directory / "far/elsewhere"}}};
  CHECK(kinds(check_index(fixture.path, options), true).empty());
  CHECK(kinds(check_index(fixture.path, options), false) == Kinds{"distant-dictionary"});
  test::write_file(file, "not a dictionary");
  CHECK(kinds(check_index(fixture.path), true) == Kinds{"missing-dictionary"});
  CHECK(kinds(check_index(fixture.path, options), true) == Kinds{"damaged-dictionary"});
  CHECK(repair_index(fixture.path, options).left.findings.empty());
  CHECK(test::read_file(file) == test::read_file(moved));
}

TEST_CASE("where a dictionary is missing, what does not need it is repaired") {
  const Fixture fixture;
  const std::string serving = fixture.file(".dict");
  reindex(fixture.path, test::other_dictionary());
  const auto intact = test::stored_documents(fixture.path);
  const std::string other = fixture.path + "/vecterm-" + test::other_dictionary()->fingerprint() + ".dict";
  const std::string kept = test::read_file(other);
  const auto damage_and_repair = [&] {
    fixture.edit(3, [](auto& document) { document.add_boolean_term(kOrphan); });
    fixture.edit(4, [](auto& document) { document.add_value(schema::kVectorSlot + 1, {}); });
    fixture.edit(5, [](auto& document) { document.add_value(schema::kVectorSlot, {}); });
    return repair_index(fixture.path).left;
  };
  fs::remove(other);
  const CheckReport report = damage_and_repair();
  CHECK(kinds(report, true) == Kinds{"missing-dictionary"});
  CHECK(report.findings[0].text.find("retire 1` gives") != std::string::npos);
  test::write_file(other, kept);
  fs::remove(serving);
  CHECK(kinds(damage_and_repair(), true) == Kinds{"missing-dictionary"});
  test::write_file(serving, std::string(fixture.dictionary->bytes()));
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(test::stored_documents(fixture.path) == intact);
}

TEST_CASE("files that nothing needs are a note, and removed; what may be being written is no finding") {
  const Fixture fixture;
  test::write_file(fixture.path + "/vecterm-f00.rows.AbCdEf", "x");
  const std::string old = test::write_file(fixture.path + "/vecterm-f00.dict.AbCdEf", "x");
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
  test::write_file(fixture.path + "/vecterm-0abc-7.rows", "x");
  test::write_file(fixture.path + "/notes.txt", "the user's");
  const CheckReport report = check_index(fixture.path);
  CHECK(kinds(report, true).empty());
  CHECK(finding(report, "unused-files").text.find("2 files") == 0);
  CHECK(finding(report, "unused-files").text.find("vecterm-0abc-7.rows, vecterm-f00.dict.AbCdEf") != std::string::npos);
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(!fs::exists(old));
  CHECK(fs::exists(fixture.path + "/notes.txt"));
}

TEST_CASE("a missing sidecar is a note, and written anew") {
  const Fixture fixture;
  fs::remove(fixture.file(".rows"));
  CHECK(kinds(check_index(fixture.path), false) == Kinds{"missing-sidecar"});
  CHECK(repair_index(fixture.path).left.findings.empty());
  CHECK(!fixture.file(".rows").empty());
}

TEST_CASE("where Xapian's own check fails, nothing else is looked at") {
  const Fixture fixture;
  const std::string table = fixture.path + "/postlist.glass";
  std::string bytes = test::read_file(table);
  for (std::size_t at = 100; at < bytes.size(); at += 50) bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
  test::write_file(table, bytes);
  const RepairReport report = repair_index(fixture.path);
  CHECK(kinds(report.found, true) == Kinds{"xapian-damage"});
  CHECK(kinds(report.left, true) == Kinds{"xapian-damage"});
  CHECK(test::read_file(table) == bytes);
  fs::remove(table);
  CHECK(kinds(check_index(fixture.path), true) == Kinds{"xapian-damage"});
}

TEST_CASE("each database of a collection is checked, and that they agree") {
  const Fixture fixture;
  fixture.index(test::corpus_lines(60, 90), "db2");
  const std::string stub = test::write_file(fixture.directory / "stub", "auto db\nauto db2\n");
  CHECK(check_index(stub).findings.empty());
  CHECK(check_index(stub).documents == 90);
  fixture.edit(3, [](auto& document) { document.add_boolean_term(kOrphan); });
  CHECK(finding(check_index(stub), "orphan-tokens").database == fixture.path);
  CHECK(repair_index(stub).left.findings.empty());
  reindex(fixture.directory / "db2", test::corpus_dictionary(2));
  const CheckReport report = check_index(stub);
  CHECK(kinds(report, true) == Kinds{"differing-databases"});
  CHECK(finding(report, "differing-databases").database == fixture.directory / "db2");
}

TEST_CASE("checking needs a database, and repairing its write lock") {
  const Fixture fixture;
  CHECK(test::refuses<DataError>([&] { check_index(fixture.directory / "none"); }, "no database at"));
  CHECK(test::refuses<InvalidArgument>([&] { check_index(fixture.path, {.edit = {.rate = -1}}); }, "rate must be in"));
  fixture.edit(3, [](auto& document) { document.add_boolean_term(kOrphan); });
  const Xapian::WritableDatabase lock(fixture.path, Xapian::DB_OPEN);
  CHECK(kinds(check_index(fixture.path), true) == Kinds{"orphan-tokens"});
  CHECK_THROWS_AS(repair_index(fixture.path, {.edit = {.write = {.lock_seconds = 0}}}), Xapian::DatabaseLockError);
}

TEST_CASE("what others write meanwhile is no damage") {
  const Fixture fixture;
  const pid_t writer = fork();
  REQUIRE(writer >= 0);
  if (writer == 0) {
    try {
      for (std::uint64_t seed = 2;; ++seed) {
        fixture.index(test::corpus_lines(0, kDocuments, seed), "db", test::small_batches(7));
        reindex(fixture.path, test::moved_dictionary(*fixture.dictionary, {seed % 50}, seed));
        reindex(fixture.path, fixture.dictionary);
      }
    } catch (...) {
      _exit(1);
    }
  }
  int checks = 0;
  for (Xapian::rev revision = 0; checks < 5000 && revision < 200;) {
    try {
      revision = Xapian::Database(fixture.path).get_revision();
      CHECK(fmt::format("{}", fmt::join(kinds(check_index(fixture.path), true), ", ")) == "");
      ++checks;
    } catch (const Xapian::DatabaseModifiedError&) {
      continue;
    }
  }
  kill(writer, SIGKILL);
  int status = 0;
  CHECK(waitpid(writer, &status, 0) == writer);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  MESSAGE(checks << " checks");
}
