// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "analyzers/training/evaluation.h"
#include "analyzers/training/training_data.h"
#include "analyzers/vector_codec.h"
#include "analyzers/version.h"

namespace vecterm {

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

/// One for each task that has held-out pairs.
/// @param codec  of the slot that the vectors which are found stand in; those that look for them are not rounded
VECTERM_API std::vector<TaskEvaluation> evaluate_tasks(const TrainingData& data, const EntityVectors& vectors,
                                                       unsigned threads = 0, VectorCodec codec = VectorCodec::kFloat32);

/// The mean of the tasks' scores, in [0, 1]; 0 without a task.
VECTERM_API double mean_score(const std::vector<TaskEvaluation>& tasks);

}  // namespace vecterm
