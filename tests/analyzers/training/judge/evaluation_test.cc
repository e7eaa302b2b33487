// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/evaluation.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "analyzers/errors.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

/// Few distinct rows, so that most cosines tie; every tenth has no vector.
std::vector<float> coarse_rows(std::size_t n, std::size_t dimensions, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> rows;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> row(dimensions);
    double squares = 0;
    for (double& value : row) {
      value = random.below(10) == 0 ? 0 : static_cast<double>(random.below(3)) - 1;
      squares += value * value;
    }
    const bool none = random.below(10) == 0 || squares == 0;
    for (const double value : row) rows.push_back(none ? 0 : static_cast<float>(value / std::sqrt(squares)));
  }
  return rows;
}

class Naive {
 public:
  Naive(const std::vector<float>& queries, const std::vector<float>& items, std::size_t dimensions)
      : queries_(queries), items_(items), d_(dimensions) {}

  RetrievalMetrics metrics(const std::vector<RelevantPair>& pairs) const {
    std::map<std::size_t, std::set<std::size_t>> relevant;
    for (const auto& pair : pairs) relevant[pair.query].insert(pair.item);
    RetrievalMetrics sum;
    for (const auto& [query, items] : relevant) {
      double best = std::numeric_limits<double>::infinity();
      for (const std::size_t item : items) {
        const double rank = rank_of(query, item);
        const double share = 1.0 / static_cast<double>(items.size());
        sum.recall_1 += rank <= 1 ? share : 0;
        sum.recall_10 += rank <= 10 ? share : 0;
        sum.recall_100 += rank <= 100 ? share : 0;
        best = std::min(best, rank);
      }
      sum.mrr += 1 / best;
    }
    const auto n = static_cast<double>(relevant.size());
    return {sum.recall_1 / n, sum.recall_10 / n, sum.recall_100 / n, sum.mrr / n, relevant.size()};
  }

 private:
  bool none(const std::vector<float>& rows, std::size_t row) const {
    for (std::size_t i = 0; i < d_; ++i)
      if (rows[row * d_ + i] != 0) return false;
    return true;
  }

  float cosine(std::size_t query, std::size_t item) const {
    float sum = 0;
    for (std::size_t i = 0; i < d_; ++i) sum += queries_[query * d_ + i] * items_[item * d_ + i];
    return sum;
  }

  double rank_of(std::size_t query, std::size_t item) const {
    if (none(queries_, query) || none(items_, item)) return std::numeric_limits<double>::infinity();
    double rank = 1;
    for (std::size_t other = 0; other < items_.size() / d_; ++other)
      rank += !none(items_, other) && cosine(query, other) > cosine(query, item) ? 1 : 0;
    return rank;
  }

  const std::vector<float>& queries_;
  const std::vector<float>& items_;
  std::size_t d_;
};

}  // namespace

TEST_CASE("retrieval metrics are those of the naive loops, with ties, rows of zeros and repeated pairs") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const std::size_t dimensions = 2 + seed;
    const auto queries = coarse_rows(60, dimensions, seed);
    const auto items = coarse_rows(300, dimensions, seed + 100);
    Random random(seed, 2);
    std::vector<RelevantPair> pairs;
    for (int i = 0; i < 120; ++i)
      pairs.push_back({static_cast<std::uint32_t>(random.below(60)), static_cast<std::uint32_t>(random.below(300))});
    pairs.push_back(pairs.front());
    const RetrievalMetrics expected = Naive(queries, items, dimensions).metrics(pairs);
    const RetrievalMetrics metrics = evaluate_retrieval(queries, items, pairs, dimensions, 1);
    CHECK(metrics.recall_1 == doctest::Approx(expected.recall_1));
    CHECK(metrics.recall_10 == doctest::Approx(expected.recall_10));
    CHECK(metrics.recall_100 == doctest::Approx(expected.recall_100));
    CHECK(metrics.mrr == doctest::Approx(expected.mrr));
    CHECK(metrics.queries == expected.queries);
    CHECK(metrics.recall_1 < metrics.recall_10);
    CHECK(metrics.recall_10 < metrics.recall_100);
    CHECK(metrics.recall_100 < 1);
    for (const unsigned threads : {2U, 5U, 0U}) {
      const RetrievalMetrics other = evaluate_retrieval(queries, items, pairs, dimensions, threads);
      CHECK(std::bit_cast<std::uint64_t>(other.recall_10) == std::bit_cast<std::uint64_t>(metrics.recall_10));
      CHECK(std::bit_cast<std::uint64_t>(other.mrr) == std::bit_cast<std::uint64_t>(metrics.mrr));
    }
  }
}

TEST_CASE("an item that ties with others has the rank of the first of them") {
  const std::vector<float> items{0, 1, 1, 0, 1, 0, 0, -1};
  const std::vector<float> query{1, 0};
  CHECK(evaluate_retrieval(query, items, std::vector<RelevantPair>{{0, 2}}, 2).recall_1 == 1);
  CHECK(evaluate_retrieval(query, items, std::vector<RelevantPair>{{0, 3}}, 2).mrr == doctest::Approx(1.0 / 3));
}

TEST_CASE("an item without a vector is never found and stands below opposite items") {
  const std::vector<float> items{0, 0, -1, 0};
  const std::vector<float> query{1, 0};
  const RetrievalMetrics none = evaluate_retrieval(query, items, std::vector<RelevantPair>{{0, 0}}, 2);
  CHECK(none.mrr == 0);
  CHECK(none.recall_100 == 0);
  CHECK(none.queries == 1);
  CHECK(evaluate_retrieval(query, items, std::vector<RelevantPair>{{0, 1}}, 2).recall_1 == 1);
}

TEST_CASE("a query without a vector finds nothing but counts, one without a pair does not count") {
  const std::vector<float> items{1, 0};
  const std::vector<float> queries{1, 0, 0, 0, 0, 1};
  const RetrievalMetrics metrics = evaluate_retrieval(queries, items, std::vector<RelevantPair>{{0, 0}, {1, 0}}, 2);
  CHECK(metrics.queries == 2);
  CHECK(metrics.recall_1 == 0.5);
  CHECK(metrics.mrr == 0.5);
}

TEST_CASE("nothing to evaluate gives zeros") {
  const RetrievalMetrics metrics = evaluate_retrieval({}, {}, {}, 3);
  CHECK(metrics.queries == 0);
  CHECK(metrics.mrr == 0);
}

TEST_CASE("what a query finds is evaluated as the codec stores it, the query itself is not rounded") {
  TrainingData data;
  // The second and the third have the same signs; the last has no vector.
  for (const std::vector<float>& vector :
       {std::vector<float>{0, 0.1F, 0.2F, 1}, {0, 0, 0.6F, 0.8F}, {0, 0, 0.8F, 0.6F}, {0, 0, 1, 0}})
    data.add(vector);
  const EntityVectors vectors{.dimensions = 4,
                              .embed =
                                  [&](std::uint32_t entity, std::span<float> out) {
                                    std::ranges::fill(out, 0.0F);
                                    if (entity < 3) std::ranges::copy(data.vector(entity), out.begin());
                                  },
                              .knows = [](std::uint32_t) { return true; }};
  data.task("t").held_out.push_back({0, 1});
  data.task("t").held_out.push_back({0, 2});
  data.task("t").held_out.push_back({1, 3});
  const auto found = [&](VectorCodec codec) { return evaluate_tasks(data, vectors, 1, codec).front(); };
  // Half of the first query's items has rank 1, and with the same signs both have; the second query finds nothing.
  for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16, VectorCodec::kInt8})
    CHECK(found(codec).items.recall_1 == 0.25);
  CHECK(found(VectorCodec::kSignBits).items.recall_1 == 0.5);
  // Items look for their queries: 0 and 1, of which 1 alone has the signs of 1 and 2.
  CHECK(found(VectorCodec::kSignBits).queries.recall_1 == found(VectorCodec::kFloat32).queries.recall_1);
  CHECK(found(VectorCodec::kSignBits).items.recall_10 == 0.5);
}

TEST_CASE("rows and pairs that do not fit are refused") {
  const std::vector<float> rows{1, 0};
  const std::vector<RelevantPair> pairs{{0, 0}};
  CHECK_THROWS_AS(evaluate_retrieval(rows, rows, pairs, 0), InvalidArgument);
  CHECK_THROWS_AS(evaluate_retrieval(rows, rows, pairs, 3), InvalidArgument);
  CHECK_THROWS_WITH_AS(evaluate_retrieval(rows, rows, std::vector<RelevantPair>{{1, 0}}, 2),
                       "a pair's query must be less than 1; was 1", InvalidArgument);
  CHECK_THROWS_WITH_AS(evaluate_retrieval(rows, rows, std::vector<RelevantPair>{{0, 7}}, 2),
                       "a pair's item must be less than 1; was 7", InvalidArgument);
  CHECK_THROWS_AS(evaluate_retrieval(rows, std::vector<float>{1, NAN}, pairs, 2), InvalidArgument);
}
