// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_source.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analyzers/errors.h"
#include "plugin/documents/vector_reader.h"
#include "tests/support/index.h"
#include "tests/support/ranking.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;
using test::ranking;

namespace {

constexpr std::size_t kWords = 60;
constexpr Xapian::docid kDocuments = 600;

// Documents whose slot 3 holds a number in every case, slot 4 in every other, slot 5 an infinity.
struct Fixture {
  Fixture() {
    test::Random random(9);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i + 1 < kDocuments; ++i)
      texts.push_back(test::random_text(random, kWords + 20, 3 + random.below(12)));
    texts.emplace_back("nothing known");
    database = test::index_of(texts, embedder);
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      Xapian::Document document = database.get_document(docid);
      document.add_value(3, Xapian::sortable_serialise(10 + 5 * static_cast<double>(random.number())));
      if (docid % 2 == 0) document.add_value(4, Xapian::sortable_serialise(-static_cast<double>(random.below(7))));
      document.add_value(5, Xapian::sortable_serialise(HUGE_VAL));
      database.replace_document(docid, document);
    }
  }

  double number(Xapian::docid docid, Xapian::valueno slot) const {
    const std::string value = database.get_document(docid).get_value(slot);
    return value.empty() ? 0 : Xapian::sortable_unserialise(value);
  }

  std::optional<double> cosine(Xapian::docid docid) const {
    UnitVector row(8);
    if (!decode_value(database.get_document(docid).get_value(schema::kVectorSlot), 0, row)) return std::nullopt;
    return dot(*unit, row);
  }

  double value(const RankingExpression& expression, Xapian::docid docid) const {
    std::vector<double> values;
    for (const Xapian::valueno slot : expression.slots()) values.push_back(number(docid, slot));
    RankingHit hit{.cosine = cosine(docid).value_or(0),
                   .doclength = static_cast<double>(database.get_doclength(docid))};
    hit.values = values;
    return RankingEvaluator(expression, test::ranking_query())(hit);
  }

  RankingSource source(const std::string& text, std::optional<double> minimum_cosine = {}) const {
    return source_on(database, text, minimum_cosine);
  }
  RankingSource source_on(const Xapian::Database& searched, const std::string& text,
                          std::optional<double> minimum_cosine = {}) const {
    return RankingSource(searched, embedder, *unit, ranking(text), test::ranking_query(), minimum_cosine);
  }

  std::shared_ptr<const DocumentEmbedder> embedder =
      test::embedder_of(test::small_dictionary(test::numbered_words(kWords)));
  QueryBuilder builder{embedder};
  std::optional<UnitVector> unit = builder.vector("w3 w4");
  Xapian::WritableDatabase database;
};

using Weights = std::vector<std::pair<double, Xapian::docid>>;  // best first, ties by docid

Weights sorted(Weights weights, std::size_t k) {
  std::ranges::sort(weights, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  weights.resize(std::min(k, weights.size()));
  return weights;
}

Weights matched(const Xapian::Database& database, const Xapian::Query& query, Xapian::doccount k) {
  Xapian::Enquire enquire(database);
  enquire.set_query(query);
  Weights found;
  const Xapian::MSet matches = enquire.get_mset(0, k);
  for (auto match = matches.begin(); match != matches.end(); ++match) found.emplace_back(match.get_weight(), *match);
  return found;
}

void check_same(const Weights& found, const Weights& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].second == expected[i].second);
    CHECK(found[i].first == doctest::Approx(expected[i].first).epsilon(1e-9));
  }
}

const std::vector<std::string> kExpressions{"closeness",
                                            "cosine",
                                            "4*closeness + log(1 + value(3))",
                                            "cosine*value(4)",
                                            "value(3) - doclength",
                                            "if(cosine >= 0.4, 3, value(5) > 0) - value(4)",
                                            "1/(1 + abs(value(3) - 9)) - share*distance",
                                            "clamp(1/value(4), -9, 9)"};

}  // namespace

TEST_CASE("a ranking source added to words takes three lines, and every word match gets its value") {
  const Fixture fixture;
  const auto& [embedder, builder, unit, database] = fixture;
  const std::string text = "w3 w4";
  Xapian::Enquire enquire(database);

  RankingSource source(database, embedder, *builder.vector(text), RankingExpression::compile("8 * closeness"));
  const Xapian::Query words = builder.words(text);
  enquire.set_query(Xapian::Query(Xapian::Query::OP_AND_MAYBE, words, Xapian::Query(&source)));

  Weights expected = matched(database, words, kDocuments);
  REQUIRE(expected.size() > 20);
  for (auto& [weight, docid] : expected) weight += fixture.value(ranking("8 * closeness"), docid);
  const Xapian::MSet matches = enquire.get_mset(0, 10);
  Weights found;
  for (auto match = matches.begin(); match != matches.end(); ++match) found.emplace_back(match.get_weight(), *match);
  check_same(found, sorted(expected, 10));
}

TEST_CASE("the matcher's best are those of brute force over all documents, negative values or not") {
  const Fixture fixture;
  std::size_t with_offset = 0;
  for (const std::string& text : kExpressions) {
    CAPTURE(text);
    RankingSource source = fixture.source(text);
    with_offset += source.offset() > 0;
    const Xapian::Query words = fixture.builder.words("w3 w7 w8");
    std::map<Xapian::docid, double> bm25;
    for (const auto& [weight, docid] : matched(fixture.database, words, kDocuments)) bm25[docid] = weight;
    Weights alone;
    Weights joined;
    Weights both;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid) {
      const double weight = fixture.value(ranking(text), docid) + source.offset();
      CHECK(weight >= 0);
      alone.emplace_back(weight, docid);
      joined.emplace_back(weight + (bm25.contains(docid) ? bm25[docid] : 0), docid);
      if (bm25.contains(docid)) both.push_back(joined.back());
    }
    const Xapian::Query query(&source);
    for (const Xapian::doccount k : {1U, 10U, 700U}) {
      check_same(matched(fixture.database, query, k), sorted(alone, k));
      check_same(matched(fixture.database, words | query, k), sorted(joined, k));
      check_same(matched(fixture.database, words & query, k), sorted(both, k));
      check_same(matched(fixture.database, Xapian::Query(Xapian::Query::OP_AND_MAYBE, words, query), k),
                 sorted(both, k));
    }
  }
  CHECK(with_offset > 2);
  CHECK(with_offset < kExpressions.size());
}

TEST_CASE("a source that Xapian scales, or whose smallest weights do not count, has the same best") {
  const Fixture fixture;
  const Xapian::Query words = fixture.builder.words("w3 w7 w8");
  RankingSource source = fixture.source("abs(cosine)");
  for (const double scale : {0.25, 4.0, 100.0}) {
    Weights expected = matched(fixture.database, words, kDocuments);
    for (auto& [weight, docid] : expected) weight += scale * fixture.value(ranking("abs(cosine)"), docid);
    const Xapian::Query scaled(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query(&source), scale);
    check_same(matched(fixture.database, {Xapian::Query::OP_AND_MAYBE, words, scaled}, 10), sorted(expected, 10));
  }
}

TEST_CASE("two shards on disk give the values of one database in memory") {
  const Fixture fixture;
  const test::TemporaryDirectory directory;
  std::vector<Xapian::WritableDatabase> shards;
  for (const std::string name : {"odd", "even"}) shards.emplace_back(directory / name, Xapian::DB_CREATE);
  for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
    shards[(docid - 1) % 2].add_document(fixture.database.get_document(docid));
  Xapian::Database both;
  for (Xapian::WritableDatabase& shard : shards) {
    shard.commit();
    both.add_database(shard);
  }
  const Xapian::Query words = fixture.builder.words("w3 w7 w8");
  // Without the offset, which follows bounds that are tighter on disk.
  const auto values = [&](const Xapian::Database& database, const std::string& text, Xapian::Query::op op) {
    RankingSource source = fixture.source_on(database, text);
    Weights found = matched(database, Xapian::Query(op, words, Xapian::Query(&source)), 10);
    for (auto& [weight, docid] : found) weight -= source.offset();
    return found;
  };
  for (const std::string& text : kExpressions) {
    CAPTURE(text);
    for (const auto op : {Xapian::Query::OP_AND_MAYBE, Xapian::Query::OP_OR})
      check_same(values(both, text, op), values(fixture.database, text, op));
  }
}

TEST_CASE("a minimum cosine leaves out the documents under it, and those without a vector") {
  const Fixture fixture;
  for (const double minimum : {-1.0, 0.0, 0.3, 1.0}) {
    CAPTURE(minimum);
    RankingSource source = fixture.source("cosine + value(3)", minimum);
    Weights expected;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
      if (const auto cosine = fixture.cosine(docid); cosine && *cosine >= minimum)
        expected.emplace_back(fixture.value(ranking("cosine + value(3)"), docid) + source.offset(), docid);
    CHECK(expected.size() < kDocuments);
    check_same(matched(fixture.database, Xapian::Query(&source), kDocuments), sorted(expected, kDocuments));

    const Xapian::Query words = fixture.builder.words("w3 w7");
    Weights joined = matched(fixture.database, words, kDocuments);
    for (auto& [weight, docid] : joined)
      for (const auto& [value, matching] : expected)
        if (matching == docid) weight += value;
    check_same(matched(fixture.database, Xapian::Query(Xapian::Query::OP_AND_MAYBE, words, Xapian::Query(&source)), 10),
               sorted(joined, 10));
  }
}

TEST_CASE("a source reads vectors by the readers that it is given") {
  const Fixture fixture;
  std::size_t made = 0;
  const auto readers = [&](const Xapian::Database& shard) {
    ++made;
    return std::make_shared<SlotVectorReader>(shard, *fixture.embedder);
  };
  RankingSource source(fixture.database, fixture.embedder, *fixture.unit, ranking("closeness"), {}, {}, readers);
  CHECK(matched(fixture.database, Xapian::Query(&source), 3).size() == 3);
  CHECK(made == 1);
}

TEST_CASE("the ranges of a database are those of its values and lengths") {
  const Fixture fixture;
  const std::vector<Xapian::valueno> slots{3, 4, 5, 6};
  const RankingRanges ranges = ranking_ranges(fixture.database, slots);
  CHECK(ranges.values.at(3).low > 5);
  CHECK(ranges.values.at(3).high < 15);
  CHECK(ranges.values.at(4).low == -6);
  CHECK(ranges.values.at(4).high == 0);
  CHECK(ranges.values.at(5).high == std::numeric_limits<double>::max());
  CHECK(ranges.values.at(6).low == 0);
  CHECK(ranges.values.at(6).high == 0);
  CHECK(ranges.doclength.low == 0);
  CHECK(ranges.doclength.high >= 14);
}

TEST_CASE("a source refuses what it cannot weigh") {
  const Fixture fixture;
  const auto message = [&](const std::string& text, std::optional<double> minimum = {}) {
    return test::message_of<InvalidArgument>([&] { fixture.source(text, minimum); });
  };
  CHECK(message("bm25 + cosine") == "expression must not use bm25 here, which is not known; was 'bm25 + cosine'");
  CHECK(message("votes") == "expression must not use votes here, which is not known; was 'votes'");
  CHECK(message("rrf(60)").ends_with("which need all candidates; was 'rrf(60)'"));
  CHECK(message("log(cosine)").starts_with("expression must be at least -1000000000000 for every document"));
  CHECK(message("input(none)") == "input 'none' of the ranking expression must be given; was not");
  CHECK(message("cosine", 1.5) == "minimum_cosine must be in [-1, 1]; was 1.5");
  CHECK(message("cosine", std::nan("")) == "minimum_cosine must be in [-1, 1]; was nan");
  CHECK(test::message_of<InvalidArgument>([&] {
          RankingSource(fixture.database, fixture.embedder, {1, 0}, ranking("cosine"));
        }) == "query vector must have 8 dimensions; had 2");
}

TEST_CASE("a key maker sorts by the value of the expression") {
  const Fixture fixture;
  for (const std::string text : {"cosine", "value(3)*cosine - value(4)", "distance"}) {
    CAPTURE(text);
    RankingKeyMaker maker(fixture.embedder, *fixture.unit, ranking(text), test::ranking_query());
    Xapian::Enquire enquire(fixture.database);
    enquire.set_query(Xapian::Query(std::string()));
    enquire.set_sort_by_key(&maker, true);
    Weights expected;
    for (Xapian::docid docid = 1; docid <= kDocuments; ++docid)
      expected.emplace_back(fixture.value(ranking(text), docid), docid);
    expected = sorted(expected, 40);
    const Xapian::MSet matches = enquire.get_mset(0, 40);
    for (Xapian::doccount i = 0; i < 40; ++i) CHECK(*matches[i] == expected[i].second);
  }
  for (const std::string text : {"bm25", "votes", "doclength", "rank_cosine"})
    CHECK_THROWS_AS(RankingKeyMaker(fixture.embedder, *fixture.unit, ranking(text)), InvalidArgument);
  CHECK_THROWS_AS(RankingKeyMaker(fixture.embedder, {1}, ranking("cosine")), InvalidArgument);
}

TEST_CASE("a cosine spy counts what the matcher shows it") {
  const Fixture fixture;
  CosineSpy spy(fixture.embedder, *fixture.unit);
  CHECK_FALSE(spy.largest());
  CHECK(spy.get_description() == "CosineSpy");
  Xapian::Enquire enquire(fixture.database);
  enquire.set_query(Xapian::Query(std::string()));
  enquire.add_matchspy(&spy);
  enquire.get_mset(0, 10, kDocuments);
  std::array<Xapian::doccount, CosineSpy::kBins> expected{};
  double largest = -1;
  for (Xapian::docid docid = 1; docid < kDocuments; ++docid) {
    const double cosine = *fixture.cosine(docid);
    const auto bin = static_cast<std::size_t>(std::clamp(std::floor((cosine + 1) * 10), 0.0, 19.0));
    ++expected[bin];
    largest = std::max(largest, cosine);
  }
  CHECK(spy.bins() == expected);
  CHECK(spy.without_vector() == 1);
  CHECK(spy.largest() == largest);
  CHECK(std::accumulate(expected.begin(), expected.end(), 0U) == kDocuments - 1);
}
