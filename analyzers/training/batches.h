// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../export.h"
#include "random.h"
#include "trainer.h"

namespace vecterm {

/// The pairs of one task that can be learned from, and which items each query is known to lead to.
class VECTERM_API TaskPairs {
 public:
  /// `pairs` that are usable, in the order of the data. REQUIRES: all queries are below `queries`.
  TaskPairs(std::vector<TrainingData::Pair> pairs, std::size_t queries);

  std::size_t size() const { return pairs_.size(); }
  std::span<const TrainingData::Pair> pairs() const { return pairs_; }
  /// The pairs from `first` on, at most `n`.
  std::span<const TrainingData::Pair> slice(std::size_t first, std::size_t n) const;
  void shuffle(Random& random) { random.shuffle(pairs_); }

  /// Whether `item` is a positive of `query` in this task.
  bool known(std::uint32_t query, std::uint32_t item) const;

 private:
  std::vector<TrainingData::Pair> pairs_;
  std::vector<std::size_t> starts_;   ///< of each query's items
  std::vector<std::uint32_t> items_;  ///< ascending for each query
};

/// Some consecutive pairs of one task: one step of the training.
struct BatchRange {
  std::size_t task = 0;
  std::size_t first = 0;
};

/// One pass over all pairs in batches of `batch`, the tasks evenly interleaved.
VECTERM_API std::vector<BatchRange> plan_epoch(const std::vector<TaskPairs>& tasks, std::size_t batch);

}  // namespace vecterm
