// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/search/saturation.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/saturation.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

/// Documents 1 to `count`: w1 is in each, w2 in every second one, and so on up to w9; Xw3 without a wdf beside w3.
void fill(Xapian::WritableDatabase& database, Xapian::docid count) {
  for (Xapian::docid docid = 1; docid <= count; ++docid) {
    Xapian::Document document;
    for (Xapian::docid i = 1; i <= 9; ++i)
      if (docid % i == 0) document.add_term("w" + std::to_string(i), 1 + docid % 7);
    if (docid % 3 == 0) document.add_boolean_term("Xw3");
    database.add_document(document);
  }
}

Xapian::Query any_of(const std::vector<std::string>& words) {
  return {Xapian::Query::OP_OR, words.begin(), words.end()};
}

double saturation(const Xapian::Database& database, const Xapian::Query& words) {
  return Saturation(database).of(words);
}

std::vector<Xapian::Query> queries() {
  return {any_of({"w1"}), any_of({"w2", "w9"}), any_of({"w3", "w3", "w5"}), any_of({"w7", "nothing"})};
}

}  // namespace

TEST_CASE("the saturation is what Xapian's own weights come to as the wdf grows, in databases of every kind") {
  const test::TemporaryDirectory directory;
  Xapian::WritableDatabase memory(std::string(), Xapian::DB_BACKEND_INMEMORY);
  fill(memory, 200);
  Xapian::WritableDatabase small(directory / "small", Xapian::DB_CREATE);
  fill(small, 30);
  small.commit();
  Xapian::WritableDatabase large(directory / "large", Xapian::DB_CREATE);
  fill(large, 170);
  large.commit();
  Xapian::Database both;
  both.add_database(Xapian::Database(directory / "small"));
  both.add_database(Xapian::Database(directory / "large"));
  for (const Xapian::Database& database : std::vector<Xapian::Database>{memory, large, both})
    for (const Xapian::Query& words : queries())
      CHECK(saturation(database, words) == doctest::Approx(test::saturation_by_xapian(database, words)).epsilon(1e-13));
}

TEST_CASE("a document that has a word a million times nearly reaches the saturation, and none exceeds it") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  fill(database, 200);
  Xapian::Document document;
  for (const char* word : {"w2", "w9"}) document.add_term(word, 1000000);
  database.add_document(document);
  Xapian::Enquire enquire(database);
  enquire.set_query(any_of({"w2", "w9"}));
  const double best = enquire.get_mset(0, 1).begin().get_weight();
  const double limit = saturation(database, any_of({"w2", "w9"}));
  CHECK(best < limit);
  CHECK(best > 0.999 * limit);
}

TEST_CASE("a term without a wdf counts as a word in as many documents does") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  fill(database, 200);
  CHECK(saturation(database, any_of({"Xw3"})) == saturation(database, any_of({"w3"})));
  CHECK(saturation(database, any_of({"Xw3", "w5"})) == saturation(database, any_of({"w3", "w5"})));
}

TEST_CASE("where no word can match the saturation is 1, and wildcards have what Xapian expects at most") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  CHECK(saturation(database, Xapian::Query()) == 1);
  CHECK(saturation(database, any_of({"w1"})) == 1);
  fill(database, 200);
  CHECK(saturation(database, any_of({"nothing"})) == 1);
  const Xapian::Query wildcard(Xapian::Query::OP_WILDCARD, "w");
  Xapian::Enquire enquire(database);
  enquire.set_query(wildcard);
  CHECK(saturation(database, wildcard) == enquire.get_mset(0, 1).get_max_possible());
}

TEST_CASE("a saturation that is asked for again is the same, and follows the database") {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  fill(database, 200);
  Saturation kept(database);
  for (int round = 0; round < 3; ++round) {
    for (const Xapian::Query& words : queries())
      for (int times = 0; times < 2; ++times) CHECK(kept.of(words) == saturation(database, words));
    fill(database, 50);
  }
}
