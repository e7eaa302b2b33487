// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "../errors.h"
#include "../version.h"

namespace vecterm {

/// Query row `query` ought to find item row `item`.
struct VECTERM_API RelevantPair {
  std::uint32_t query = 0;
  std::uint32_t item = 0;

  auto operator<=>(const RelevantPair&) const = default;
};

/// Means over the queries that have a pair, each in [0, 1].
struct VECTERM_API RetrievalMetrics {
  double recall_1 = 0;      ///< share of a query's relevant items with rank 1
  double recall_10 = 0;     ///< with a rank of at most 10
  double recall_100 = 0;    ///< with a rank of at most 100
  double mrr = 0;           ///< 1 / the best rank of a relevant item, at any depth
  std::size_t queries = 0;  ///< how many have a pair
};

/// How well the nearest items, compared with every one of them, are the relevant ones. The rank of an item is 1 + the
/// number of items with a strictly greater cosine, so ties count in its favour. A row of zeros stands for "no vector":
/// such a query finds nothing, such an item is found by no query and stands below every other.
///
/// The metrics have the same bits for every number of threads. n queries take n * m * d multiplications.
///
/// @param query_units  row-major n x `dimensions`, each row of norm 1 or zero
/// @param item_units   row-major m x `dimensions`, each row of norm 1 or zero
/// @param pairs        in any order; a repeated pair counts once
/// @param threads      0 = all cores
/// @throws InvalidArgument where the sizes do not fit `dimensions`, a number is not finite or a pair points beyond
///         the rows
VECTERM_API RetrievalMetrics evaluate_retrieval(std::span<const float> query_units, std::span<const float> item_units,
                                                std::span<const RelevantPair> pairs, std::size_t dimensions,
                                                unsigned threads = 0);

/// How well vectors answer the held-out pairs of a task: each query is compared with all distinct held-out items, and
/// each item with all distinct held-out queries.
struct VECTERM_API TaskEvaluation {
  std::string task;
  RetrievalMetrics items;    ///< of queries that look for their items
  RetrievalMetrics queries;  ///< of items that look for their queries, as for the interests of an item
  std::size_t distinct_items = 0;
  std::size_t distinct_queries = 0;
  double coverage = 0;  ///< share of the running words of both sides that have a vector

  /// The mean of both directions' mrr: what validation goes by.
  double score() const { return (items.mrr + queries.mrr) / 2; }
};

/// What an evaluation asks of a dictionary, or of training in the midst of it.
struct VECTERM_API EntityVectors {
  std::size_t dimensions = 0;
  /// Writes the unit vector of an entity, or zeros. May be called from several threads.
  std::function<void(std::uint32_t entity, std::span<float> out)> embed;
  /// Whether TrainingData::words()[word] has a vector.
  std::function<bool(std::uint32_t word)> knows;
};

/// The mean of the tasks' scores, in [0, 1]; 0 without a task.
VECTERM_API double mean_score(const std::vector<TaskEvaluation>& tasks);

struct VECTERM_API TaskLoss {
  std::string task;
  double loss = 0;  ///< mean over pairs and, for the hinge, candidates
};

/// One epoch that has ended.
struct VECTERM_API EpochReport {
  std::uint32_t epoch = 1;
  double rate = 0;  ///< at its end
  std::vector<TaskLoss> losses;
  std::vector<TaskEvaluation> validation;  ///< of the tasks with held-out pairs
};

}  // namespace vecterm
