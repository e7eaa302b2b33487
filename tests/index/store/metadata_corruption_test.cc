// SPDX-License-Identifier: GPL-2.0-or-later
#include <functional>

#include "analyzers/errors.h"
#include "index/index.h"
#include "index/store/generation_record.h"
#include "plugin/ranking_profile.h"
#include "plugin/schema.h"
#include "plugin/search_request.h"
#include "tests/support/corpus.h"
#include "tests/support/damage.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDocuments = 30;

// An index with every metadata entry of a finished run.
class Fixture : public test::IndexFixture {
 public:
  Fixture() {
    index(test::corpus_lines(0, kDocuments));
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN);
    const auto record = IndexRecord::read(database);
    Tuning tuning{record->hash_space, 0.9, 10, 100, {}};
    for (int i = 1; i <= 4; ++i)
      tuning.curve.push_back({{static_cast<std::size_t>(10 * i)}, 0.8 + 0.05 * i, 10.0 * i, 50.0 * i, 40.0 * i, 9.0});
    tuning.curve.push_back({{40, 0.5}, 0.97, 12, 70, 60, 10});
    tuning.write(database);
    RankingProfile simple;
    simple.first_phase = "bm25 + share*cosine";
    simple.parameters = {{"share", 2}};
    write_profiles(database, {{"default", default_profile()}, {"simple", simple}});
    database.commit();
  }

  std::string entry(std::string_view key) const { return test::metadata_of(path, key); }

  void set(std::string_view key, const std::string& value) const {
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN | Xapian::DB_NO_SYNC);
    database.set_metadata(std::string(key), value);
    database.commit();
  }

  std::size_t search() const {
    Index index(path);
    TextQuery query;
    query.text = "w1 w2";
    query.mode = SearchMode::kMixed;
    query.k = 5;
    return index.search(query).size();
  }

  std::string path = directory / "db";
};

// What `call` throws beside a data error.
template <class Call>
std::string trouble(const Call& call) {
  try {
    call();
  } catch (const DataError&) {
    return "";
  } catch (const std::exception& error) {
    return error.what();
  } catch (const Xapian::Error& error) {
    return error.get_description();
  }
  return "";
}

// Reading `text`, damaged in many ways, is a data error or gives something that is written as it is read.
void check_reading(const std::string& text, const std::function<std::string(const std::string&)>& read_and_write) {
  REQUIRE(!text.empty());
  test::Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const std::string damaged = test::damaged_json(text, random);
    CAPTURE(damaged);
    std::string written;
    CHECK(trouble([&] { written = read_and_write(damaged); }) == "");
    if (!written.empty()) CHECK(read_and_write(written) == written);
  }
}

}  // namespace

TEST_CASE("a damaged index record, tuning or profile is a data error, or is one") {
  const Fixture fixture;
  check_reading(fixture.entry(schema::kIndexKey),
                [](const std::string& text) { return IndexRecord::from_json(text).to_json(); });
  check_reading(fixture.entry(schema::kTuningKey),
                [](const std::string& text) { return Tuning::from_json(text).to_json(); });
  check_reading(fixture.entry(schema::kProfilesKey),
                [](const std::string& text) { return to_json(profiles_from_json(text)); });
}

TEST_CASE("searching an index with a damaged record, tuning or profile gives hits or a data error") {
  const Fixture fixture;
  for (const char* dimensions : {"-1", "0", "7", "9", "8.5", "1e300", "null"}) {
    std::string record = fixture.entry(schema::kIndexKey);
    record.replace(record.find("\"dimensions\":8"), 14, std::string("\"dimensions\":") + dimensions);
    const std::string good = fixture.entry(schema::kIndexKey);
    fixture.set(schema::kIndexKey, record);
    CHECK_THROWS_AS(fixture.search(), Damaged);
    fixture.set(schema::kIndexKey, good);
  }
  test::Random random(2);
  for (const std::string_view key : {schema::kIndexKey, schema::kTuningKey, schema::kProfilesKey}) {
    const std::string good = fixture.entry(key);
    for (int i = 0; i < 150; ++i) {
      const std::string damaged = test::damaged_json(good, random);
      CAPTURE(damaged);
      fixture.set(key, damaged);
      CHECK(trouble([&] { fixture.search(); }) == "");
    }
    fixture.set(key, good);
    CHECK(fixture.search() == 5);
  }
}

TEST_CASE("with a damaged cursor, an interrupted run starts over and ends with the same documents") {
  const Fixture fixture;
  const auto expected = test::stored_documents(fixture.path);
  CHECK_THROWS_AS(fixture.index(test::corpus_lines(0, 7) + "{]\n"), DataError);
  const std::string good = fixture.entry(schema::kCursorKey);
  REQUIRE(good.starts_with("{"));
  test::Random random(3);
  for (int i = 0; i < 50; ++i) {
    const std::string damaged = test::damaged_json(good, random);
    CAPTURE(damaged);
    fixture.set(schema::kCursorKey, damaged);
    CHECK(fixture.index(test::corpus_lines(0, kDocuments)).skipped == (damaged == good ? 7 : 0));
    CHECK(test::stored_documents(fixture.path) == expected);
  }
}

TEST_CASE("entries that are nested without end, or hold a word without end, are told in a short message") {
  const Fixture fixture;
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  const std::string any(1000000, 'x');
  for (const std::string_view key :
       {schema::kIndexKey, schema::kTuningKey, schema::kProfilesKey, schema::kGenerationsKey, schema::kUpdateKey}) {
    std::string good = fixture.entry(key);
    for (const std::string& value :
         {deep, "{\"version\":1,\"since\":1,\"other\":" + deep + "}", "{\"version\":1,\"next\":\"" + any + "\"}",
          "{\"" + any, "{\"version\":1,\"dimensions\":\"" + any + "\"}"}) {
      fixture.set(key, value);
      CHECK(test::message_of<Damaged>([&] {
              fixture.search();
              Xapian::Database database(fixture.path);
              Generations::read(database);
              UpdateRecord::read(database);
            }).size() < 600);
    }
    fixture.set(key, good);
  }
  for (const char* name : {"stemmer", "prefix", "codec", "dictionary", "hash_space"}) {
    std::string record = fixture.entry(schema::kIndexKey);
    const std::size_t value = record.find(':', record.find(std::string("\"") + name + "\"")) + 2;
    record.insert(value, any);
    CHECK(test::message_of<Damaged>([&] { IndexRecord::from_json(record); }).size() < 1000);
  }
}

TEST_CASE("a record cannot name a dictionary or sidecar outside of its directory") {
  const Fixture fixture;
  const IndexRecord record = IndexRecord::from_json(fixture.entry(schema::kIndexKey));
  for (const std::string name : {"../x", "a/b", "", ".", "a\\b", "a b"}) {
    IndexRecord other = record;
    other.dictionary = name;
    CHECK(test::is_thrown<Damaged>([&] { IndexRecord::from_json(other.to_json()); }));
    other = record;
    other.hash_space = name;
    CHECK(test::is_thrown<Damaged>([&] { IndexRecord::from_json(other.to_json()); }));
  }
}
