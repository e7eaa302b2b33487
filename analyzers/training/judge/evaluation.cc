// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr std::size_t kGrain = 16;
constexpr float kNoVector = -std::numeric_limits<float>::infinity();

void check_rows(std::string_view name, std::span<const float> rows, std::size_t dimensions) {
  if (rows.size() % dimensions != 0)
    throw InvalidArgument(fmt::format("{} must be rows of {} numbers; were {} numbers", name, dimensions, rows.size()));
  const auto bad = std::ranges::find_if_not(rows, [](float value) { return std::isfinite(value); });
  if (bad != rows.end())
    throw InvalidArgument(fmt::format("{}: numbers must be finite; row {} holds {}", name,
                                      static_cast<std::size_t>(bad - rows.begin()) / dimensions, *bad));
}

bool is_zero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return value == 0; });
}

class Ranker {
 public:
  Ranker(std::span<const float> item_units, std::size_t dimensions) : items_(item_units, dimensions) {
    for (std::size_t i = 0; i < items_.rows(); ++i)
      if (is_zero(item_units.subspan(i * dimensions, dimensions))) without_vector_.push_back(i);
  }

  std::size_t items() const { return items_.rows(); }

  /// @param pairs  those of one query
  RetrievalMetrics metrics(std::span<const float> unit, std::span<const RelevantPair> pairs,
                           std::vector<float>& cosines) const {
    RetrievalMetrics metrics;
    metrics.queries = 1;
    if (is_zero(unit)) return metrics;
    items_.products(unit, cosines);
    for (const std::size_t item : without_vector_) cosines[item] = kNoVector;
    const double share = 1 / static_cast<double>(pairs.size());
    for (const RelevantPair pair : pairs) {
      const float cosine = cosines[pair.item];
      if (cosine == kNoVector) continue;
      const auto rank = 1 + std::ranges::count_if(cosines, [cosine](float other) { return other > cosine; });
      if (rank <= 1) metrics.recall_1 += share;
      if (rank <= 10) metrics.recall_10 += share;
      if (rank <= 100) metrics.recall_100 += share;
      metrics.mrr = std::max(metrics.mrr, 1 / static_cast<double>(rank));
    }
    return metrics;
  }

 private:
  PackedRows items_;
  std::vector<std::size_t> without_vector_;
};

void check_pairs(std::span<const RelevantPair> pairs, std::size_t queries, std::size_t items) {
  for (const RelevantPair pair : pairs) {
    if (pair.query >= queries)
      throw InvalidArgument(fmt::format("a pair's query must be less than {}; was {}", queries, pair.query));
    if (pair.item >= items)
      throw InvalidArgument(fmt::format("a pair's item must be less than {}; was {}", items, pair.item));
  }
}

/// Where each query's pairs begin in `sorted`, and its end.
std::vector<std::size_t> starts_of(std::span<const RelevantPair> sorted) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (i == 0 || sorted[i].query != sorted[i - 1].query) starts.push_back(i);
  starts.push_back(sorted.size());
  return starts;
}

RetrievalMetrics mean_of(const std::vector<RetrievalMetrics>& all) {
  RetrievalMetrics mean;
  for (const RetrievalMetrics& metrics : all) {
    mean.recall_1 += metrics.recall_1;
    mean.recall_10 += metrics.recall_10;
    mean.recall_100 += metrics.recall_100;
    mean.mrr += metrics.mrr;
  }
  mean.queries = all.size();
  if (all.empty()) return mean;
  for (double* value : {&mean.recall_1, &mean.recall_10, &mean.recall_100, &mean.mrr})
    *value /= static_cast<double>(all.size());
  return mean;
}

}  // namespace

RetrievalMetrics evaluate_retrieval(std::span<const float> query_units, std::span<const float> item_units,
                                    std::span<const RelevantPair> pairs, std::size_t dimensions, unsigned threads) {
  if (dimensions == 0) throw InvalidArgument("dimensions must be at least 1; was 0");
  check_rows("query_units", query_units, dimensions);
  check_rows("item_units", item_units, dimensions);
  const Ranker ranker(item_units, dimensions);
  check_pairs(pairs, query_units.size() / dimensions, ranker.items());
  std::vector<RelevantPair> sorted(pairs.begin(), pairs.end());
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  const std::vector<std::size_t> starts = starts_of(sorted);
  std::vector<RetrievalMetrics> results(starts.size() - 1);
  parallel_for(results.size(), kGrain, threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> cosines(ranker.items());
    for (std::size_t i = begin; i < end; ++i) {
      const auto own = std::span(sorted).subspan(starts[i], starts[i + 1] - starts[i]);
      const std::size_t row = own.front().query;
      results[i] = ranker.metrics(query_units.subspan(row * dimensions, dimensions), own, cosines);
    }
  });
  return mean_of(results);
}

double mean_score(const std::vector<TaskEvaluation>& tasks) {
  double sum = 0;
  for (const TaskEvaluation& task : tasks) sum += task.score();
  return tasks.empty() ? 0 : sum / static_cast<double>(tasks.size());
}

}  // namespace vecterm
