// SPDX-License-Identifier: GPL-2.0-or-later
// Databases that take each other's place, and docids that are far apart. Tests reading_state.cc and docid_set.cc, too.
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include "index/check.h"
#include "index/index.h"
#include "plugin/document_embedder.h"
#include "tests/support/corpus.h"

namespace fs = std::filesystem;
using namespace vecterm;

namespace {

TextQuery by(SearchMode mode, const std::string& text = "w1 w2 w3") {
  TextQuery query;
  query.text = text;
  query.mode = mode;
  query.k = 50;
  query.filters = {"section:s1"};
  return query;
}

std::vector<std::pair<std::string, double>> hits(Index& index, SearchMode mode) {
  std::vector<std::pair<std::string, double>> hits;
  for (const TextHit& hit : index.search(by(mode))) hits.emplace_back(hit.id, hit.hit.score);
  return hits;
}

const IndexOptions kCaches{.postings_cache_bytes = 1 << 20, .filter_cache_bytes = 1 << 20};

/// Searches until all that can be kept is kept.
void fill_caches(Index& index) {
  index.warm_up();
  for (const SearchMode mode : {SearchMode::kVector, SearchMode::kMixed}) REQUIRE(!hits(index, mode).empty());
}

void check_same_revision(const std::string& a, const std::string& b) {
  REQUIRE(Xapian::Database(a).get_revision() == Xapian::Database(b).get_revision());
}

void check_like_new(Index& index, const std::string& path) {
  index.reopen();
  Index fresh(path);
  for (const SearchMode mode : {SearchMode::kWords, SearchMode::kVector, SearchMode::kMixed})
    CHECK(hits(index, mode) == hits(fresh, mode));
}

/// Two databases at the same revision, of other documents in other sections; the second has fewer.
struct Two {
  Two() {
    fixture.index(test::corpus_lines(0, 300, 1), "a");
    fixture.index(test::corpus_lines(1, 201, 2), "b");
  }

  test::IndexFixture fixture;
  std::string path = fixture.directory / "db";
};

}  // namespace

TEST_CASE("a database that is put in another one's place is searched as if nothing had been kept") {
  const Two two;
  check_same_revision(two.fixture.directory / "a", two.fixture.directory / "b");
  fs::rename(two.fixture.directory / "a", two.path);
  Index index(two.path, kCaches);
  fill_caches(index);
  fs::rename(two.path, two.fixture.directory / "a");
  fs::rename(two.fixture.directory / "b", two.path);
  check_like_new(index, two.path);
}

TEST_CASE("copies of a database that went apart have the same uuid and revision and are told apart") {
  const test::IndexFixture fixture;
  const std::string path = fixture.directory / "db", other = fixture.directory / "other";
  fixture.index(test::corpus_lines(0, 100), "db");
  fs::copy(path, other, fs::copy_options::recursive);
  fixture.index(test::corpus_lines(100, 200, 1), "db");
  fixture.index(test::corpus_lines(100, 200, 2), "other");
  check_same_revision(path, other);
  REQUIRE(Xapian::Database(path).get_uuid() == Xapian::Database(other).get_uuid());
  Index index(path, kCaches);
  fill_caches(index);
  fs::rename(path, fixture.directory / "old");
  fs::rename(other, path);
  check_like_new(index, path);
}

TEST_CASE("a stub that goes to and fro between two directories which are rebuilt in turn is followed") {
  const Two two;
  const std::string stub = two.fixture.directory / "stub";
  test::write_file(stub, "auto a\n");
  Index index(stub, kCaches);
  for (std::uint64_t round = 3; round < 7; ++round) {
    fill_caches(index);
    const std::string next = round % 2 == 0 ? "a" : "b";
    fs::remove_all(two.fixture.directory / next);
    two.fixture.index(test::corpus_lines(round, 100 * round, round), next);
    check_same_revision(two.fixture.directory / "a", two.fixture.directory / "b");
    test::write_file(stub, "auto " + next + "\n");
    check_like_new(index, stub);
  }
}

TEST_CASE("documents with the largest docids are found by every plan, updated and checked") {
  constexpr Xapian::docid kLast = std::numeric_limits<Xapian::docid>::max();
  const test::IndexFixture fixture;
  const std::string path = fixture.directory / "db";
  fixture.index(test::corpus_lines(0, 300));
  {
    Xapian::WritableDatabase database(path, Xapian::DB_OPEN);
    for (const Xapian::docid docid : {kLast - 70000, kLast - 1})
      database.replace_document(docid, database.get_document(kLast - docid < 100 ? 7 : 8));
    database.commit();
  }
  Index index(path);
  for (const std::size_t exact_below : {std::size_t{0}, std::size_t{100000}}) {
    TextQuery query = by(SearchMode::kMixed);
    query.filters.clear();
    query.k = 302;
    query.plan = exact_below == 0 ? Plan::kProbe : Plan::kExact;
    query.probes = 1000;
    std::set<Xapian::docid> docids;
    for (const TextHit& hit : index.search(query)) docids.insert(hit.hit.docid);
    CHECK(docids.contains(kLast - 1));
    CHECK(docids.contains(kLast - 70000));
  }
  for (const Finding& finding : check_index(path).findings) CHECK_FALSE(finding.damage);
}
