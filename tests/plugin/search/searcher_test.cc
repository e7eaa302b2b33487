// SPDX-License-Identifier: GPL-2.0-or-later
// Tests docid_source.cc, nearest_search.cc and plain_terms_search.cc, too.
#include "plugin/searcher.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/errors.h"
#include "tests/support/index.h"
#include "tests/support/saturation.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kWords = 60;
constexpr std::size_t kDocuments = 400;

struct Fixture {
  explicit Fixture(std::shared_ptr<const HashSpace> space = test::small_cells(8, 32)) {
    embedder = test::embedder_of(test::small_dictionary(test::numbered_words(kWords), std::move(space)));
    test::Random random(4);
    for (std::size_t i = 0; i < kDocuments; ++i) texts.push_back(test::random_text(random, kWords + 20, 12));
    texts.emplace_back("nothing known");
    database = test::index_of(texts, embedder);
    for (Xapian::docid docid = 1; docid <= database.get_doccount(); ++docid) {
      Xapian::Document document = database.get_document(docid);
      document.add_boolean_term(docid % 2 == 0 ? "XPeven" : "XPodd");
      if (docid % 50 == 0) document.add_boolean_term("XPrare");
      database.replace_document(docid, document);
    }
    builder = std::make_shared<QueryBuilder>(embedder);
    searcher = std::make_unique<Searcher>(database, builder);
  }

  SearchRequest request(const std::string& text) const {
    SearchRequest made;
    made.words = builder->words(text);
    made.vector = builder->vector(text);
    return made;
  }

  // Brute force over all documents: cosine of the stored vector, 0 where there is none.
  double cosine(Xapian::docid docid, const UnitVector& unit) const {
    UnitVector row(8);
    return decode_value(database.get_document(docid).get_value(schema::kVectorSlot), 0, row) ? dot(unit, row) : 0;
  }

  std::map<Xapian::docid, double> bm25(const Xapian::Query& words) const {
    Xapian::Enquire enquire(database);
    enquire.set_query(words);
    const Xapian::MSet matches = enquire.get_mset(0, database.get_doccount());
    std::map<Xapian::docid, double> weights;
    for (auto match = matches.begin(); match != matches.end(); ++match) weights[*match] = match.get_weight();
    return weights;
  }

  std::vector<std::string> texts;
  std::shared_ptr<const DocumentEmbedder> embedder;
  Xapian::WritableDatabase database;
  std::shared_ptr<const QueryBuilder> builder;
  std::unique_ptr<Searcher> searcher;
};

std::vector<Xapian::docid> docids_of(const std::vector<Hit>& hits) {
  std::vector<Xapian::docid> docids;
  for (const Hit& hit : hits) docids.push_back(hit.docid);
  return docids;
}

}  // namespace

TEST_CASE("words alone give Xapian's own hits with Xapian's own weights") {
  Fixture fixture;
  for (const std::string text : {"w1 w2", "w3", "w40 w41 w42 unknown"}) {
    SearchRequest request = fixture.request(text);
    request.vector.reset();
    request.k = 20;
    Xapian::Enquire enquire(fixture.database);
    enquire.set_query(request.words);
    const Xapian::MSet stock = enquire.get_mset(0, 20);
    const auto hits = fixture.searcher->search(request);
    REQUIRE(hits.size() == stock.size());
    for (Xapian::doccount i = 0; i < stock.size(); ++i) {
      CHECK(hits[i].docid == *stock[i]);
      CHECK(hits[i].bm25 == stock[i].get_weight());
      CHECK(hits[i].score == hits[i].bm25);
    }
  }
}

TEST_CASE("words-only weights are bit-identical on an index with and without tokens") {
  Fixture fixture;
  Xapian::WritableDatabase plain(std::string(), Xapian::DB_BACKEND_INMEMORY);
  Xapian::TermGenerator generator;
  generator.set_stemmer(Xapian::Stem("en"));
  for (const std::string& text : fixture.texts) {
    Xapian::Document document;
    generator.set_document(document);
    generator.index_text(text);
    plain.add_document(document);
  }
  for (const std::string text : {"w1 w2 w3", "w7", "w12 nothing"}) {
    Xapian::Enquire enquire(plain);
    enquire.set_query(fixture.builder->words(text));
    const Xapian::MSet matches = enquire.get_mset(0, plain.get_doccount());
    std::map<Xapian::docid, double> weights;
    for (auto match = matches.begin(); match != matches.end(); ++match) weights[*match] = match.get_weight();
    CHECK(weights == fixture.bm25(fixture.builder->words(text)));
  }
}

TEST_CASE("a vector's nearest documents by exact scan are those of brute force") {
  Fixture fixture;
  SearchRequest request = fixture.request("w5 w6");
  request.words = Xapian::Query();
  request.k = 25;
  std::vector<std::pair<double, Xapian::docid>> expected;
  for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
    expected.emplace_back(-fixture.cosine(docid, *request.vector), docid);
  std::sort(expected.begin(), expected.end());
  const auto hits = fixture.searcher->search(request);
  REQUIRE(hits.size() == 25);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    CHECK(hits[i].docid == expected[i].second);
    CHECK(hits[i].cosine == -expected[i].first);
    CHECK(hits[i].bm25 == 0);
  }
}

TEST_CASE("tokens give the same hits as the exact scan where every bucket is read, in both families") {
  for (const auto& space : {test::small_cells(8, 32), test::small_hyperplanes(8, 4, 5)}) {
    Fixture fixture(space);
    for (const std::string text : {"w5 w6", "w1", "w30 w2 w44"}) {
      SearchRequest request = fixture.request(text);
      const auto exact = fixture.searcher->search(request);
      request.exact_below = 0;
      request.probes = 1000;
      const auto by_tokens = fixture.searcher->search(request);
      CHECK(docids_of(by_tokens) == docids_of(exact));
    }
  }
}

TEST_CASE("every hit of a mixed query has its exact bm25 and cosine, whichever side found it") {
  Fixture fixture;
  for (const std::size_t exact_below : {std::size_t{0}, std::size_t{100000}}) {
    SearchRequest request = fixture.request("w9 w10");
    request.exact_below = exact_below;
    request.k = 300;
    RankingProfile sum;
    sum.second_phase = "bm25/saturation + 0.25*cosine";
    request.ranking = std::make_shared<const Ranking>(sum);
    const auto weights = fixture.bm25(request.words);
    const double saturation = test::saturation_by_xapian(fixture.database, request.words);
    const auto hits = fixture.searcher->search(request);
    REQUIRE(hits.size() > 50);
    for (const Hit& hit : hits) {
      CHECK(hit.bm25 == (weights.contains(hit.docid) ? weights.at(hit.docid) : 0));
      CHECK(hit.cosine == fixture.cosine(hit.docid, *request.vector));
      CHECK(hit.score == doctest::Approx(hit.bm25 / saturation + 0.25 * hit.cosine).epsilon(1e-12));
    }
    CHECK(std::is_sorted(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
      return a.score != b.score ? a.score > b.score : a.docid < b.docid;
    }));
  }
}

TEST_CASE("a word weight is exact even for documents that the words alone ranked too low to be fetched") {
  // More matches than each side hands to the merge.
  const auto embedder = test::embedder_of(test::small_dictionary(test::numbered_words(kWords)));
  test::Random random(14);
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) texts.push_back("w1 " + test::random_text(random, kWords, 3 + random.below(20)));
  const auto database = test::index_of(texts, embedder);
  const auto builder = std::make_shared<QueryBuilder>(embedder);
  Searcher searcher(database, builder);
  SearchRequest request;
  request.words = builder->words("w1 w2");
  request.vector = builder->vector("w40 w41");
  RankingProfile by_meaning = default_profile();
  by_meaning.parameters["share"] = 100;
  request.ranking = std::make_shared<const Ranking>(by_meaning);
  request.k = 50;
  Xapian::Enquire enquire(database);
  enquire.set_query(request.words);
  const Xapian::MSet all = enquire.get_mset(0, database.get_doccount());
  std::map<Xapian::docid, double> weights;
  for (auto match = all.begin(); match != all.end(); ++match) weights[*match] = match.get_weight();
  const auto hits = searcher.search(request);
  REQUIRE(hits.size() == 50);
  for (const Hit& hit : hits) CHECK(hit.bm25 == weights.at(hit.docid));
}

TEST_CASE("a filter loses no hit that exists, on words, vectors and both") {
  Fixture fixture;
  for (const std::string term : {"XPeven", "XPrare", "XPnone"}) {
    for (const bool with_words : {true, false}) {
      SearchRequest request = fixture.request("w2 w3");
      if (!with_words) request.words = Xapian::Query();
      request.filter = Xapian::Query(term);
      request.exact_below = 0;  // tokens first
      request.probes = 1;
      request.k = 6;
      std::size_t matching = fixture.database.get_termfreq(term);
      const auto hits = fixture.searcher->search(request);
      CHECK(hits.size() == std::min<std::size_t>(6, matching));
      for (const Hit& hit : hits) {
        const auto document = fixture.database.get_document(hit.docid);
        auto found = document.termlist_begin();
        found.skip_to(term);
        CHECK(*found == term);
      }
    }
  }
}

TEST_CASE("paging gives the same hits as asking for all at once") {
  Fixture fixture;
  SearchRequest request = fixture.request("w2 w3");
  request.k = 30;
  const auto all = docids_of(fixture.searcher->search(request));
  std::vector<Xapian::docid> pages;
  request.k = 10;
  for (request.offset = 0; request.offset < 30; request.offset += 10)
    for (const Xapian::docid docid : docids_of(fixture.searcher->search(request))) pages.push_back(docid);
  CHECK(pages == all);
  request.offset = 100000;
  CHECK(fixture.searcher->search(request).empty());
}

TEST_CASE("an excluded document is left out and the number of hits stays") {
  Fixture fixture;
  SearchRequest request = fixture.request("w2 w3");
  const auto first = fixture.searcher->search(request);
  request.exclude = {first.front().docid};
  const auto second = fixture.searcher->search(request);
  CHECK(second.size() == first.size());
  CHECK(second.front().docid == first[1].docid);
}

TEST_CASE("shared tokens are those of the document that the query looks into") {
  Fixture fixture;
  const auto unit = *fixture.builder->vector("w5 w6");
  CHECK(fixture.searcher->shared_tokens(1, unit, 1000).size() == 2);
  CHECK(fixture.searcher->shared_tokens(kDocuments + 1, unit, 1000).empty());
}

TEST_CASE("an empty request has no hits, and numbers out of range are refused with bound and value") {
  Fixture fixture;
  CHECK(fixture.searcher->search({}).empty());
  SearchRequest request = fixture.request("w1");
  request.k = 0;
  CHECK_THROWS_WITH_AS(fixture.searcher->search(request), "k must be in [1, 1000000]; was 0", InvalidArgument);
  request.k = 10;
  request.min_score = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(fixture.searcher->search(request), InvalidArgument);
  request.min_score.reset();
  request.vector = UnitVector(3, 0.5F);
  CHECK_THROWS_AS(fixture.searcher->search(request), InvalidArgument);
}

TEST_CASE("a database of another dictionary, or without embeddings, is refused") {
  Fixture fixture;
  const auto other = std::make_shared<QueryBuilder>(test::embedder_of(test::small_dictionary({"apple"})));
  CHECK_THROWS_AS(Searcher(fixture.database, other), WrongDictionary);
  Xapian::WritableDatabase plain(std::string(), Xapian::DB_BACKEND_INMEMORY);
  CHECK_THROWS_AS(Searcher(plain, other), NotFound);
}

TEST_CASE("a damaged vector in the slot is a typed error, not a wrong hit") {
  Fixture fixture;
  Xapian::Document document = fixture.database.get_document(3);
  document.add_value(schema::kVectorSlot, "\x01short");
  fixture.database.replace_document(3, document);
  CHECK_THROWS_AS(fixture.searcher->search(fixture.request("w1")), Damaged);
}
