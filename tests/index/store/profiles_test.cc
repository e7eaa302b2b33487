// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>

#include <cmath>

#include "analyzers/errors.h"
#include "index/config.h"
#include "index/index.h"
#include "index/writing/metadata_update.h"
#include "tests/support/corpus.h"

using namespace vecterm;
using test::refuses;

namespace {

RankingProfile by_size() {
  return {.first_phase = "bm25 + share*value(2)", .second_phase = {}, .window = 40, .parameters = {{"share", 1}}};
}

/// The same documents in one database, and dealt out to two under a stub file.
class Fixture : public test::IndexFixture {
 public:
  Fixture() {
    std::vector<std::string> halves(2);
    for (std::size_t i = 0; i < 200; ++i) halves[i % 2] += test::corpus_line(i);
    index(test::corpus_lines(0, 200));
    index(halves[0], "even");
    index(halves[1], "odd");
    test::write_file(directory / "stub", "auto even\nauto odd\n");
  }

  std::vector<std::string> paths() const { return {directory / "db", directory / "stub"}; }
};

TextQuery text_query(const std::string& text, SearchMode mode = SearchMode::kMixed) {
  TextQuery query;
  query.text = text;
  query.mode = mode;
  return query;
}

}  // namespace

TEST_CASE("stored profiles are in every database of an index, and the one named default ranks mixed search") {
  const Fixture fixture;
  for (const std::string& path : fixture.paths()) {
    CHECK(Index(path).ranking("default")->profile() == default_profile());
    const auto before = Index(path).search(text_query("w1 w2"));
    store_profiles(path, {{"default", by_size()}, {"plain", by_size()}});
    Index index(path);
    CHECK(index.ranking("default")->profile() == by_size());
    CHECK(index.ranking("plain")->profile() == by_size());
    const auto hits = index.search(text_query("w1 w2"));
    REQUIRE(!hits.empty());
    for (const TextHit& hit : hits) {
      const std::string value = index.database().get_document(hit.hit.docid).get_value(2);
      CHECK(hit.hit.score == doctest::Approx(hit.hit.bm25 + Xapian::sortable_unserialise(value)).epsilon(1e-12));
    }
    for (const SearchMode mode : {SearchMode::kWords, SearchMode::kVector})
      for (const TextHit& hit : index.search(text_query("w1 w2", mode)))
        CHECK(hit.hit.score == (mode == SearchMode::kWords ? hit.hit.bm25 : hit.hit.cosine));
    store_profiles(path, {}, {"default"});
    const auto after = Index(path).search(text_query("w1 w2"));
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(after[i].hit.score == before[i].hit.score);
  }
  for (const char* name : {"even", "odd"})
    CHECK(read_profiles(Xapian::Database(fixture.directory / name)).contains("plain"));
}

TEST_CASE("a profile that does not exist is refused with the names of those that do, and a bad one is not stored") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  CHECK(refuses<InvalidArgument>([&] { static_cast<void>(Index(path).ranking("recent")); },
                                 "profile must be one of the index's, default; was \"recent\""));
  store_profiles(path, {{"size", by_size()}});
  CHECK(refuses<InvalidArgument>([&] { static_cast<void>(Index(path).ranking("recent")); }, "default, size"));
  CHECK(refuses<InvalidArgument>([&] { store_profiles(path, {}, {"recent"}); }, "no profile \"recent\""));
  RankingProfile bad = by_size();
  bad.first_phase = "bm25 +";
  CHECK(refuses<InvalidArgument>([&] { store_profiles(path, {{"bad", bad}}); }, "profile bad: first_phase: "));
  CHECK(read_profiles(Index(path).database()).size() == 1);
}

TEST_CASE("storing profiles keeps documents, vectors and the sidecar's answers") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  const auto documents = test::stored_documents(path);
  TextQuery query = text_query("w1 w2", SearchMode::kVector);
  const auto before = Index(path).search(query);
  store_profiles(path, {{"size", by_size()}});
  CHECK(test::stored_documents(path) == documents);
  const auto after = Index(path).search(query);
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < after.size(); ++i) CHECK(after[i].hit.cosine == before[i].hit.cosine);
}

TEST_CASE("damaged profiles of an index are a data error") {
  const Fixture fixture;
  const std::string path = fixture.directory / "db";
  for (const std::string damaged :
       {"{", "[]", R"({"version":1,"profiles":{"a":{"first_phase":"","second_phase":"","window":1,"parameters":{}}}})",
        R"({"version":1,"profiles":{"a":{"first_phase":"bm25","second_phase":"","window":0,"parameters":{}}}})",
        R"({"version":1,"profiles":{"a":{"first_phase":"nonsense","second_phase":"","window":9,"parameters":{}}}})"}) {
    CAPTURE(damaged);
    {
      Xapian::WritableDatabase database(path, Xapian::DB_OPEN);
      database.set_metadata(std::string(schema::kProfilesKey), damaged);
      database.commit();
    }
    CHECK_THROWS_AS(Index{path}, Damaged);
  }
}

TEST_CASE("a text whose words the dictionary does not know is searched by words with a note, or has no meaning") {
  const Fixture fixture;
  Index index(fixture.directory / "db");
  SearchReport report;
  index.search(text_query("stones w70"), &report);
  CHECK(report.notes == std::vector<std::string>{"the dictionary knows no word of the query: words alone rank"});
  CHECK(index.search(text_query("stones", SearchMode::kVector), &report).empty());
  CHECK(report.notes == std::vector<std::string>{"the dictionary knows no word of the query, so it has no meaning"});
  index.search(text_query("w1 stones"), &report);
  CHECK(report.notes.empty());
  CHECK(index.request(text_query("w1 stones")).coverage == 0.5);
  TextQuery query = text_query("stones");
  query.min_cosine = 0.5;
  CHECK(refuses<InvalidArgument>([&] { index.search(query); }, "a least cosine needs a meaning"));
}

TEST_CASE("parts of a query weigh in its vector, and documents that are looked for are no hits of their own") {
  const Fixture fixture;
  Index index(fixture.directory / "db");
  const auto vector = [&](const std::string& text) { return *index.request(text_query(text)).vector; };
  const auto sum = [&](double a, const UnitVector& first, double b, const UnitVector& second) {
    const std::vector<WeightedVector> both{{a, first}, {b, second}};
    return *QueryBuilder::combined(both);
  };
  CHECK(vector("~w1^2 -~w2^0.25") == sum(2, vector("w1"), -0.25, vector("w2")));
  CHECK(vector("~w1 -~w2") == sum(1, vector("w1"), -0.5, vector("w2")));
  CHECK(vector("like:d1 like:d2^3") == sum(1, vector("like:d1"), 3, vector("like:d2")));
  const SearchRequest request = index.request(text_query("like:d1 like:d2 -like:d3"));
  CHECK(request.exclude == std::vector<Xapian::docid>{index.docid("d1"), index.docid("d2")});
  TextQuery query = text_query("like:d1 like:d2");
  query.k = 300;
  const auto hits = index.search(query);
  CHECK(hits.size() > 150);
  for (const TextHit& hit : hits) {
    CHECK(hit.id != "d1");
    CHECK(hit.id != "d2");
  }
}

TEST_CASE("of two minimum cosines, in the text and beside it, the larger one holds") {
  const Fixture fixture;
  Index index(fixture.directory / "db");
  TextQuery query = text_query("w1 cosine>=0.4");
  CHECK(index.request(query).min_cosine == 0.4);
  query.min_cosine = 0.2;
  CHECK(index.request(query).min_cosine == 0.4);
  query.min_cosine = 0.6;
  CHECK(index.request(query).min_cosine == 0.6);
  query.k = 200;
  const auto hits = index.search(query);
  CHECK(!hits.empty());
  for (const TextHit& hit : hits) CHECK(hit.hit.cosine >= 0.6);
}
