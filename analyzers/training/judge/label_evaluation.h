// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/tokenizer.h"
#include "analyzers/training/judge/label_classifier.h"
#include "analyzers/training/judge/labelled_texts.h"

namespace vecterm {

/// Means over all queries. A query without a vector gets no label, so it counts as wrong.
struct LabelMetrics {
  struct AtDepth {
    std::uint32_t k = 0;
    double precision = 0;  ///< P@k: right ones among the k best labels, divided by k
    double recall = 0;     ///< R@k: share of the query's labels among the k best
  };
  std::vector<AtDepth> at;         ///< one for each depth that was asked for
  double mrr = 0;                  ///< 1 / rank of the first right label, rank = 1 + number with a greater score
  std::size_t queries = 0;         ///< how many there are
  std::size_t without_vector = 0;  ///< those without a vector
  double query_coverage = 0;       ///< share of the queries' running words that the dictionary knows
  double label_coverage = 0;       ///< the same of the labels' descriptions
};

struct LabelEvaluation {
  LabelMetrics metrics;
  /// For each query its best labels, best first, as many as the largest depth; none without a vector.
  std::vector<std::vector<std::uint32_t>> best;
};

/// Classifies labelled queries and compares. Of labels with equal scores the smaller number comes first.
/// @param depths   the k of P@k and R@k, each at least 1
/// @param threads  0 = all cores; the result is the same for every number
/// @throws InvalidArgument for a depth of 0, or where there is no query or no depth
LabelEvaluation evaluate_labels(const LabelClassifier& classifier, const Embedder& embedder, const Tokenizer& tokenizer,
                                std::span<const LabelledText> queries, std::span<const std::uint32_t> depths,
                                unsigned threads = 0);

/// Whether the best label is none of the query's.
bool is_wrong(const LabelledText& query, std::span<const std::uint32_t> best);

}  // namespace vecterm
