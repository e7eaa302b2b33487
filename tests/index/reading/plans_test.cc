// SPDX-License-Identifier: GPL-2.0-or-later
// Tests plan.cc and nearest_request.cc, too.
#include <algorithm>
#include <filesystem>
#include <map>
#include <thread>

#include "index/index_pool.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDocuments = 900;
constexpr std::size_t kShards = 3;

/// The same documents in one database, and dealt out to three under a stub file, where they have the same docids.
class Fixture : public test::IndexFixture {
 public:
  Fixture() {
    std::vector<std::string> lines(kShards);
    for (std::size_t i = 0; i < kDocuments; ++i) {
      const std::string line = test::corpus_line(i);
      all += line;
      lines[i % kShards] += line;
    }
    index(all);
    std::string entries;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
      index(lines[shard], "shard" + std::to_string(shard));
      entries += "auto shard" + std::to_string(shard) + "\n";
    }
    stub = test::write_file(directory / "stub", entries);
  }

  std::string all;
  std::string path = directory / "db";
  std::string stub;
};

std::vector<TextQuery> queries() {
  std::vector<TextQuery> made;
  for (const char* text : {"w1 w2", "w17", "w30 w31 w59 w2", "w44 stones"})
    for (const SearchMode mode : {SearchMode::kVector, SearchMode::kMixed})
      for (const std::vector<std::string>& filters : {std::vector<std::string>{}, {"section:s2"}, {"Qd5"}}) {
        TextQuery query;
        query.text = text;
        query.mode = mode;
        query.filters = filters;
        query.k = 25;
        made.push_back(query);
      }
  return made;
}

void check_same(const std::vector<TextHit>& a, const std::vector<TextHit>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(a[i].id == b[i].id);
    CHECK(a[i].hit.docid == b[i].hit.docid);
    CHECK(a[i].hit.cosine == b[i].hit.cosine);
    CHECK(std::abs(a[i].hit.bm25 - b[i].hit.bm25) <= 1e-12);
    CHECK(std::abs(a[i].hit.score - b[i].hit.score) <= 1e-12);
  }
}

std::vector<TextHit> search(Index& index, TextQuery query, Plan plan, Plan* used = nullptr) {
  query.plan = plan;
  query.probes = 1000;  // more than there are buckets
  SearchReport report;
  auto hits = index.search(query, &report);
  if (used != nullptr) *used = report.choice.plan;
  return hits;
}

void remove_sidecars(const std::string& directory) {
  std::vector<fs::path> sidecars;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.path().extension() == ".rows") sidecars.push_back(entry.path());
  CHECK(!sidecars.empty());
  for (const fs::path& sidecar : sidecars) fs::remove(sidecar);
}

}  // namespace

TEST_CASE(
    "plans agree where they read all candidates, with and without sidecar and caches, on one database or shards") {
  const Fixture fixture;
  std::vector<std::vector<TextHit>> expected;
  {
    Index index(fixture.path);
    for (const TextQuery& query : queries()) expected.push_back(search(index, query, Plan::kExact));
  }
  const IndexOptions cached{.postings_cache_bytes = 1U << 20U, .filter_cache_bytes = 1U << 20U, .dictionary = {}};
  for (const bool with_sidecar : {true, false}) {
    if (!with_sidecar) remove_sidecars(fixture.directory / ".");
    for (const std::string& path : {fixture.path, fixture.stub})
      for (const IndexOptions& options : {IndexOptions(), cached}) {
        Index index(path, options);
        for (std::size_t i = 0; i < expected.size(); ++i)
          for (const Plan plan :
               {Plan::kAuto, Plan::kExact, Plan::kFilterFirst, Plan::kProbe, Plan::kPlainTerms, Plan::kProbe}) {
            const TextQuery query = queries()[i];
            if (plan == Plan::kFilterFirst && query.filters.empty()) continue;
            CAPTURE(path);
            CAPTURE(plan_name(plan));
            CAPTURE(query.text);
            check_same(search(index, query, plan), expected[i]);
          }
      }
  }
}

TEST_CASE("eight threads of a pool get the hits that one gets") {
  const Fixture fixture;
  for (const std::string& path : {fixture.path, fixture.stub}) {
    IndexPool pool(path, {.postings_cache_bytes = 1U << 16U, .filter_cache_bytes = 1U << 16U, .dictionary = {}});
    const auto all = queries();
    std::vector<std::vector<TextHit>> expected;
    Index index(path);
    for (const TextQuery& query : all) expected.push_back(search(index, query, Plan::kProbe));
    std::vector<std::vector<std::vector<TextHit>>> found(8, std::vector<std::vector<TextHit>>(all.size()));
    {
      std::vector<std::jthread> threads;
      for (std::size_t thread = 0; thread < found.size(); ++thread)
        threads.emplace_back([&, thread] {
          for (std::size_t i = 0; i < all.size(); ++i) {
            const std::size_t which = (i + 5 * thread) % all.size();
            TextQuery query = all[which];
            query.plan = Plan::kProbe;
            query.probes = 1000;
            found[thread][which] = pool.search(query);
          }
        });
    }
    for (const auto& of_thread : found)
      for (std::size_t i = 0; i < all.size(); ++i) check_same(of_thread[i], expected[i]);
    CHECK(pool.handles() >= 1);
    CHECK(pool.handles() <= 8);
  }
}

TEST_CASE("more like this leaves out the document itself among shards too") {
  const Fixture fixture;
  Index one(fixture.path);
  Index shards(fixture.stub);
  for (const char* id : {"d0", "d1", "d2", "d77", "d899"}) {
    TextQuery query;
    query.like = id;
    const auto hits = shards.search(query);
    for (const TextHit& hit : hits) CHECK(hit.id != id);
    CHECK(shards.docid(id) == one.docid(id));
    check_same(hits, one.search(query));
  }
}

TEST_CASE("a filter of any kind loses no hit, against brute force over all documents") {
  const Fixture fixture;
  using Xapian::Query;
  const Query s1("XSECTIONs1");
  const Query s2("XSECTIONs2");
  const Query word("w3");
  const std::vector<Query> filters{
      s1,
      {Query::OP_AND, s1, word},
      {Query::OP_OR, s1, s2},
      {Query::OP_AND_NOT, s1, word},
      {Query::OP_VALUE_RANGE, 2, Xapian::sortable_serialise(100), Xapian::sortable_serialise(140)},
      {Query::OP_VALUE_GE, 2, Xapian::sortable_serialise(890)},
      {Query::OP_AND, Query(Query::OP_VALUE_LE, 2, Xapian::sortable_serialise(300)), {Query::OP_OR, s2, word}},
      Query("Qd17"),
      Query("XSECTIONnone"),
  };
  for (const std::string& path : {fixture.path, fixture.stub}) {
    Index index(path);
    const QueryBuilder& builder = index.searcher().builder();
    SearchRequest request;
    request.vector = builder.vector("w1 w5");
    request.k = 30;
    request.exact_below = 0;
    request.probes = 1;
    for (const Query& filter : filters) {
      CAPTURE(filter.get_description());
      request.filter = filter;
      Xapian::Enquire enquire(index.database());
      enquire.set_query(filter);
      enquire.set_weighting_scheme(Xapian::BoolWeight());
      const Xapian::MSet matches = enquire.get_mset(0, kDocuments);
      UnitVector row(request.vector->size());
      std::vector<std::pair<double, Xapian::docid>> nearest;
      for (auto match = matches.begin(); match != matches.end(); ++match)
        if (decode_value(match.get_document().get_value(schema::kVectorSlot), 0, row))
          nearest.emplace_back(-static_cast<double>(dot(*request.vector, row)), *match);
      std::ranges::sort(nearest);
      for (const Plan plan : {Plan::kAuto, Plan::kExact, Plan::kFilterFirst, Plan::kProbe, Plan::kPlainTerms}) {
        CAPTURE(plan_name(plan));
        request.plan = plan;
        request.probes = plan == Plan::kProbe || plan == Plan::kPlainTerms ? 1000 : 1;
        const auto hits = index.searcher().search(request);
        REQUIRE(hits.size() == std::min(request.k, nearest.size()));
        for (std::size_t i = 0; i < hits.size(); ++i) {
          CHECK(hits[i].docid == nearest[i].second);
          CHECK(hits[i].cosine == doctest::Approx(-nearest[i].first).epsilon(1e-6));
        }
        // However few buckets are looked into, hits that exist are not lost to the filter.
        request.probes = 1;
        CHECK(index.searcher().search(request).size() == hits.size());
      }
    }
  }
}

TEST_CASE("documents that are added, changed and deleted are seen after the index is opened again, caches or not") {
  const Fixture fixture;
  const IndexOptions cached{.postings_cache_bytes = 1U << 20U, .filter_cache_bytes = 1U << 20U, .dictionary = {}};
  IndexPool pool(fixture.path, cached);
  TextQuery query;
  query.text = "w50 w51 w52";
  query.mode = SearchMode::kVector;
  query.plan = Plan::kProbe;
  query.filters = {"section:new"};
  const auto ids = [&] {
    std::vector<std::string> found;
    Index fresh(fixture.path);
    const auto expected = fresh.search(query);
    for (const TextHit& hit : expected) found.push_back(hit.id);
    for (const Plan plan : {Plan::kProbe, Plan::kFilterFirst, Plan::kExact, Plan::kPlainTerms}) {
      TextQuery same = query;
      same.plan = plan;
      Index reader(fixture.path, cached);
      check_same(reader.search(same), expected);
      check_same(reader.search(same), expected);
    }
    check_same(IndexPool(fixture.path, cached).search(query), expected);
    return found;
  };
  CHECK(ids().empty());
  const std::string fresh = R"({"_id":"n1","text":"w50 w51 w52","metadata":{"section":"new"}}
{"_id":"n2","text":"w50 w7","metadata":{"section":"new"}})";
  fixture.index(fresh);
  CHECK(ids() == std::vector<std::string>{"n1", "n2"});
  fixture.index(R"({"_id":"n1","text":"w3 w7 w9","metadata":{"section":"new"}})");
  CHECK(ids().front() == "n2");
  delete_documents(fixture.path, {"n2"});
  CHECK(ids() == std::vector<std::string>{"n1"});
}

TEST_CASE("nearest documents joined by OR to words in a stock matcher weigh bm25 + scale * cosine") {
  const Fixture fixture;
  for (const std::string& path : {fixture.path, fixture.stub}) {
    Index index(path);
    const QueryBuilder& builder = index.searcher().builder();
    SearchRequest request;
    request.vector = builder.vector("w5 w6");
    request.k = 40;
    request.plan = Plan::kProbe;
    constexpr double kScale = 7.5;
    const Xapian::Query words = builder.words("w1 w2");
    Xapian::Enquire enquire(index.database());
    const auto weights = [&](const Xapian::Query& query) {
      enquire.set_query(query);
      const Xapian::MSet matches = enquire.get_mset(0, kDocuments);
      std::map<Xapian::docid, double> all;
      for (auto match = matches.begin(); match != matches.end(); ++match) all[*match] = match.get_weight();
      return all;
    };
    std::map<Xapian::docid, double> expected = weights(words);
    const auto nearest = index.searcher().search(request);
    REQUIRE(nearest.size() == 40);
    for (const Hit& hit : nearest) expected[hit.docid] += kScale * std::max(0.0, hit.cosine);
    const auto joined = weights({Xapian::Query::OP_OR, words, index.searcher().nearest_query(request, kScale)});
    REQUIRE(joined.size() == expected.size());
    for (const auto& [docid, weight] : joined) CHECK(weight == doctest::Approx(expected[docid]).epsilon(1e-12));
  }
}
