// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/label_evaluation.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::size_t kGrain = 16;

bool has_label(const LabelledText& query, std::uint32_t label) {
  return std::ranges::binary_search(query.labels, label);
}

std::size_t right_ones(const LabelledText& query, std::span<const std::uint32_t> best, std::size_t k) {
  const auto first = best.first(std::min(k, best.size()));
  return static_cast<std::size_t>(std::ranges::count_if(first, [&](auto label) { return has_label(query, label); }));
}

/// 0 where no right label has a score.
double reciprocal_rank(const LabelledText& query, std::span<const float> scores) {
  float highest = scores[query.labels.front()];
  for (const std::uint32_t label : query.labels) highest = std::max(highest, scores[label]);
  if (!std::isfinite(highest)) return 0;
  return 1 / static_cast<double>(1 + std::ranges::count_if(scores, [&](float score) { return score > highest; }));
}

void check(std::span<const LabelledText> queries, std::span<const std::uint32_t> depths) {
  if (queries.empty()) throw InvalidArgument("there must be at least 1 query; there were 0");
  if (depths.empty()) throw InvalidArgument("there must be at least 1 depth k; there were 0");
  if (std::ranges::find(depths, 0U) != depths.end()) throw InvalidArgument("a depth k must be at least 1; was 0");
}

LabelMetrics means(std::span<const LabelledText> queries, const LabelEvaluation& evaluation,
                   std::span<const std::uint32_t> depths, std::span<const double> reciprocal_ranks) {
  LabelMetrics metrics;
  const auto n = static_cast<double>(queries.size());
  for (const std::uint32_t k : depths) {
    LabelMetrics::AtDepth& at = metrics.at.emplace_back();
    at.k = k;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      const auto right = static_cast<double>(right_ones(queries[i], evaluation.best[i], k));
      at.precision += right / k;
      at.recall += right / static_cast<double>(queries[i].labels.size());
    }
    at.precision /= n;
    at.recall /= n;
  }
  for (const double value : reciprocal_ranks) metrics.mrr += value;
  metrics.mrr /= n;
  metrics.queries = queries.size();
  return metrics;
}

}  // namespace

LabelEvaluation evaluate_labels(const LabelClassifier& classifier, const Embedder& embedder, const Tokenizer& tokenizer,
                                std::span<const LabelledText> queries, std::span<const std::uint32_t> depths,
                                unsigned threads) {
  check(queries, depths);
  std::vector<std::string_view> texts;
  for (const LabelledText& query : queries) texts.push_back(query.text);
  const TextVectors vectors = embed_texts(embedder, tokenizer, texts, threads);
  LabelEvaluation evaluation;
  evaluation.best.resize(queries.size());
  std::vector<double> reciprocal_ranks(queries.size());
  parallel_for(queries.size(), kGrain, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (!vectors.has_vector(i)) continue;
      const std::vector<float> scores = classifier.scores(vectors.row(i));
      evaluation.best[i] = LabelClassifier::best(scores, std::ranges::max(depths));
      reciprocal_ranks[i] = reciprocal_rank(queries[i], scores);
    }
  });
  evaluation.metrics = means(queries, evaluation, depths, reciprocal_ranks);
  evaluation.metrics.without_vector = vectors.without_vector;
  evaluation.metrics.query_coverage = vectors.coverage();
  evaluation.metrics.label_coverage = classifier.descriptions().coverage();
  return evaluation;
}

bool is_wrong(const LabelledText& query, std::span<const std::uint32_t> best) {
  return best.empty() || !has_label(query, best.front());
}

}  // namespace vecterm
