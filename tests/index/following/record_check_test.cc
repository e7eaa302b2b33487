// SPDX-License-Identifier: GPL-2.0-or-later
// Records that are wrong or cannot be read, and what is repaired by force only.
#include "index/check.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/check.h"

using namespace vecterm;

namespace {

namespace fs = std::filesystem;
using Fixture = test::CheckFixture;
using Kinds = test::Kinds;
using test::check_same;
using test::finding;
using test::kinds;

}  // namespace

TEST_CASE("where the generations cannot be read, repairing keeps the serving one and removes all of the other") {
  const Fixture intact;
  const Fixture fixture;
  reindex(fixture.path, test::other_dictionary());
  fixture.set(schema::kGenerationsKey, "{}");
  CHECK(kinds(check_index(fixture.path), true) == Kinds{"damaged-metadata"});
  const auto before = test::stored_documents(fixture.path);
  CHECK(kinds(repair_index(fixture.path).left, true) == Kinds{"damaged-metadata"});
  CHECK(test::stored_documents(fixture.path) == before);
  CHECK(repair_index(fixture.path, {.force = true}).left.findings.empty());
  check_same(fixture.path, intact.path);
}

TEST_CASE_TEMPLATE("a record with one wrong letter is what is corrected, by force only, and no document is touched",
                   Has, test::Words, test::NGrams, test::Hashed) {
  const Fixture fixture(Has{});
  const std::string good = test::metadata_of(fixture.path, schema::kIndexKey);
  const auto documents = test::stored_documents(fixture.path);
  const auto record = nlohmann::json::parse(good);
  const auto files = [&] {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(fixture.path)) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  };
  const auto other_letter = [](std::string text) {
    text.back() = text.back() == '0' ? '1' : '0';
    return text;
  };
  std::map<std::string, nlohmann::json> wrong;
  for (const char* name : {"dictionary", "hash_space"})
    (wrong[name] = record)[name] = other_letter(record.at(name).get<std::string>());
  (wrong["dimensions"] = record)["dimensions"] = 9;
  for (const unsigned generation : {1U, 2U}) {
    const std::string name = "generation " + std::to_string(generation);
    (wrong[name] = record)["generation"] = generation;
  }
  for (const unsigned slot : {1000U, 1002U, 5U}) {
    const std::string name = "slot " + std::to_string(slot);
    (wrong[name] = record)["settings"]["slot"] = slot;
  }
  (wrong["prefix"] = record)["settings"]["prefix"] = "XLSI";
  (wrong["codec"] = record)["settings"]["codec"] = "float32";
  for (const auto& [name, changed] : wrong) {
    CAPTURE(name);
    fixture.set(schema::kIndexKey, changed.dump());
    const auto before = files();
    const RepairReport report = repair_index(fixture.path);
    CHECK(kinds(report.found, true) == Kinds{"wrong-record"});
    CHECK(report.found.findings.size() == 1);
    CHECK(finding(report.left, "wrong-record").needs_force);
    CHECK_FALSE(finding(report.left, "wrong-record").repairable);
    CHECK(test::stored_documents(fixture.path) == documents);
    CHECK(files() == before);
    CHECK(test::metadata_of(fixture.path, schema::kIndexKey) == changed.dump());
    CHECK(kinds(repair_index(fixture.path, {.force = true}).left, true).empty());
    CHECK(test::metadata_of(fixture.path, schema::kIndexKey) == good);
    CHECK(test::stored_documents(fixture.path) == documents);
  }
}

TEST_CASE("tokens that most documents have are removed by force only, whatever generation they are of") {
  const Fixture fixture;
  fixture.set(schema::kGenerationsKey, "");
  reindex(fixture.path, test::other_dictionary());
  auto generations = nlohmann::json::parse(test::metadata_of(fixture.path, schema::kGenerationsKey));
  auto& space = generations["other"]["record"]["hash_space"];
  space = space == "0000" ? "1111" : "0000";
  fixture.set(schema::kGenerationsKey, generations.dump());
  const auto before = test::stored_documents(fixture.path);
  const RepairReport report = repair_index(fixture.path);
  CHECK(finding(report.left, "orphan-tokens").needs_force);
  CHECK(test::stored_documents(fixture.path) == before);
}

TEST_CASE("what cannot be repaired is said, and left as it is") {
  const Fixture fixture;
  const std::string record = test::metadata_of(fixture.path, schema::kIndexKey);
  const auto check_left = [&](const std::string& kind) {
    const RepairReport report = repair_index(fixture.path);
    CHECK(kinds(report.left, true) == Kinds{kind});
    CHECK(!finding(report.left, kind).repairable);
  };
  fixture.set(schema::kIndexKey, "{");
  check_left("damaged-metadata");
  CHECK(test::metadata_of(fixture.path, schema::kIndexKey) == "{");
  auto json = nlohmann::json::parse(record);
  json["dimensions"] = 9;
  fixture.set(schema::kIndexKey, json.dump());
  check_left("wrong-record");
  fixture.set(schema::kIndexKey, "");
  check_left("no-embeddings");
}
