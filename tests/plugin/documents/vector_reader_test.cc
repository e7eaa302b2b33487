// SPDX-License-Identifier: GPL-2.0-or-later
// The doors at which a host gives a vector, all of which lead to query_vector().
#include "plugin/documents/vector_reader.h"

#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "plugin/explanation.h"
#include "plugin/ranking_source.h"
#include "plugin/searcher.h"
#include "plugin/snippet.h"
#include "tests/support/index.h"
#include "tests/support/ranking.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDimensions = 8;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Fixture {
  explicit Fixture(VectorCodec codec = VectorCodec::kFloat32) {
    AnalyzerSettings settings;
    settings.codec = codec;
    embedder = test::embedder_of(test::small_dictionary(test::numbered_words(20), test::small_cells(8, 8)), settings);
    test::Random random(9);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 60; ++i) texts.push_back(test::random_text(random, 20, 6));
    database = test::index_of(texts, embedder);
    builder = std::make_shared<QueryBuilder>(embedder);
    searcher = std::make_unique<Searcher>(database, builder);
  }

  SearchRequest request(UnitVector vector) const {
    SearchRequest made;
    made.vector = std::move(vector);
    return made;
  }

  using Door = std::function<void(const UnitVector&)>;
  std::map<std::string, Door> doors() const {
    const auto cosine = RankingExpression::compile("cosine");
    const ProbeLimits limits(4);
    return {
        {"search", [=, this](const UnitVector& v) { searcher->search(request(v)); }},
        {"nearest_query", [=, this](const UnitVector& v) { searcher->nearest_query(request(v), 1); }},
        {"features", [=, this](const UnitVector& v) { searcher->features(request(v), cosine, 5); }},
        {"shared_tokens", [=, this](const UnitVector& v) { searcher->shared_tokens(1, v, limits); }},
        {"tokens", [=, this](const UnitVector& v) { builder->tokens(v, limits); }},
        {"RankingSource", [=, this](const UnitVector& v) { RankingSource(database, embedder, v, cosine); }},
        {"RankingKeyMaker", [=, this](const UnitVector& v) { RankingKeyMaker(embedder, v, cosine); }},
        {"CosineSpy", [=, this](const UnitVector& v) { CosineSpy(embedder, v); }},
        {"combined",
         [=, this](const UnitVector& v) {
           const std::vector<WeightedVector> both{{1, *builder->vector("w1")}, {1, v}};
           QueryBuilder::combined(both);
         }},
        {"snippet", [=, this](const UnitVector& v) { snippet(*embedder, "w1 w2", builder->words("w1"), v); }},
        {"explain_cosine",
         [=, this](const UnitVector& v) {
           explain_cosine(*embedder, {{}, v}, database.get_document(1));
         }},
        {"explain_cosine, a part",
         [=, this](const UnitVector& v) {
           QueryMeaning meaning{{}, *builder->vector("w1")};
           meaning.parts.push_back({"part", 1, {}, v});
           explain_cosine(*embedder, meaning, database.get_document(1));
         }},
    };
  }

  std::shared_ptr<const DocumentEmbedder> embedder;
  Xapian::WritableDatabase database;
  std::shared_ptr<const QueryBuilder> builder;
  std::unique_ptr<Searcher> searcher;
};

UnitVector with(std::size_t i, float number) {
  UnitVector vector(kDimensions, 0.5F);
  vector[i] = number;
  return vector;
}

UnitVector scaled(UnitVector vector, float factor) {
  for (float& number : vector) number *= factor;
  return vector;
}

}  // namespace

TEST_CASE("vectors of another length, not finite or zero are refused at every door, with place and value") {
  const Fixture fixture;
  for (const auto& [name, door] : fixture.doors()) {
    CAPTURE(name);
    const auto refusal = [&](const UnitVector& vector) {
      return test::message_of<InvalidArgument>([&] { door(vector); });
    };
    CHECK(refusal(UnitVector(7, 0.5F)).find("must have 8 dimensions; ") != std::string::npos);
    CHECK(refusal(with(2, kNan)) == "query vector must have finite numbers; number 3 was nan");
    CHECK(refusal(with(0, kInfinity)) == "query vector must have finite numbers; number 1 was inf");
    CHECK(refusal(with(7, -kInfinity)) == "query vector must have finite numbers; number 8 was -inf");
    CHECK(refusal(UnitVector(kDimensions)) == "query vector must not be zero; all 8 numbers were 0");
    if (name != "nearest_query") CHECK_NOTHROW(door(with(1, -3)));  // which needs a database that is not in memory
  }
  CHECK_THROWS_AS(QueryBuilder::combined(std::vector<WeightedVector>{{std::nan(""), with(0, 1)}}), InvalidArgument);
}

TEST_CASE("a vector of another norm finds what the one of norm 1 finds, with the same cosines") {
  for (const VectorCodec codec :
       {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8, VectorCodec::kSignBits}) {
    const Fixture fixture(codec);
    const UnitVector unit = *fixture.builder->vector("w1 w2");
    const auto expected = fixture.searcher->search(fixture.request(unit));
    REQUIRE(expected.size() == 10);
    for (const float factor : {1e-20F, 0.5F, 3452.9F, 1e18F}) {
      const auto found = fixture.searcher->search(fixture.request(scaled(unit, factor)));
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].docid == expected[i].docid);
        CHECK(found[i].cosine == doctest::Approx(expected[i].cosine).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("a vector of norm 1 keeps its bits") {
  const Fixture fixture;
  for (int i = 0; i < 20; ++i) {
    const UnitVector unit = *fixture.builder->vector("w" + std::to_string(i));
    CHECK(query_vector(unit, kDimensions) == unit);
  }
}

TEST_CASE("no cosine leaves [-1, 1], however stored vectors are rounded") {
  for (const VectorCodec codec :
       {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8, VectorCodec::kSignBits}) {
    const Fixture fixture(codec);
    for (Xapian::docid docid = 1; docid <= fixture.database.get_doccount(); ++docid) {
      const auto vector = fixture.builder->vector(fixture.database.get_document(docid));
      for (const Hit& hit : fixture.searcher->search(fixture.request(*vector))) {
        CHECK(hit.cosine <= 1);
        CHECK(hit.cosine >= -1);
      }
      const auto told = explain_cosine(*fixture.embedder, {{}, *vector}, fixture.database.get_document(docid));
      CHECK(told->cosine <= 1);
    }
  }
  CHECK(defined_cosine(1.0001F) == 1);
  CHECK(defined_cosine(-1.0001F) == -1);
  CHECK(defined_cosine(kNan) == 0);
}

TEST_CASE("vectors that a hash space is learned from must be finite") {
  HashSpaceOptions options;
  options.family = "hyperplane";
  std::vector<float> rows(4 * kDimensions, 0.5F);
  rows[9] = kInfinity;
  CHECK(test::message_of<InvalidArgument>([&] { learn_hash_space(rows, kDimensions, options); }) ==
        "vectors must have finite numbers; number 10 was inf");
  CHECK(test::message_of<InvalidArgument>([&] { random_hash_space(with(0, kNan), options); }) ==
        "mean must have finite numbers; number 1 was nan");
}
