// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzers/training/data/file_array.h"
#include "analyzers/training/numbers/permutation.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// The pairs of one task that can be learned from, in a new random order in each pass; the items that its negatives
/// are drawn from; and which items each query is known to lead to.
///
/// Negatives are drawn evenly from the items that the task's pairs lead to: one that no pair leads to says nothing
/// about meaning, and as it would never be a positive, its words would only be pushed away from everything.
class TaskPairs {
 public:
  using Pair = TrainingData::Pair;

  /// @param usable  whether an entity has anything to learn or compare
  /// @param cap     of the pairs of one item, which of them is random; 0 = all
  TaskPairs(const TrainingData& data, const TrainingData::Task& task, const std::function<bool(std::uint32_t)>& usable,
            std::uint32_t cap, std::uint64_t seed);

  const std::string& name() const { return name_; }
  std::size_t size() const { return pairs_.size(); }
  std::span<const Pair> pairs() const { return pairs_.span(); }
  /// The pairs at [first, first + n) of a pass, or fewer at its end.
  void copy_slice(std::uint64_t pass, std::size_t first, std::size_t n, std::vector<Pair>& out) const;

  /// The distinct items, ascending.
  std::span<const std::uint32_t> candidates() const { return candidates_.span(); }
  /// How many pairs lead to candidates()[i].
  std::uint32_t count(std::size_t i) const { return counts_[i]; }
  /// Where an item stands in candidates(). REQUIRES: some pair leads to it.
  std::size_t candidate(std::uint32_t item) const;
  /// The items that the task's pairs lead to from `query`, ascending.
  std::span<const std::uint32_t> known(std::uint32_t query) const;
  /// Where that is a large share of the candidates, the same as bits: bit c % 64 of word c / 64 for candidates()[c];
  /// otherwise empty.
  std::span<const std::uint64_t> known_bits(std::uint32_t query) const;

 private:
  void cap_items(std::uint32_t cap, const std::string& scratch);
  void collect_known(std::size_t entities, const std::string& scratch);
  void collect_candidates();
  void collect_bits();

  std::string name_;
  std::uint64_t seed_;
  std::uint64_t stream_;
  FileArray<Pair> pairs_;
  FileArray<std::uint64_t> starts_;  ///< of each query's items
  FileArray<std::uint32_t> known_;
  FileArray<std::uint32_t> candidates_;
  FileArray<std::uint32_t> counts_;
  FileArray<std::uint64_t> bits_;
  std::unordered_map<std::uint32_t, std::size_t> bit_starts_;  ///< of queries, in bits_
};

/// Some consecutive pairs of a pass over one task: one step of the training.
struct BatchRange {
  std::size_t task = 0;
  std::uint64_t pass = 0;
  std::size_t first = 0;
};

/// The steps of one epoch: of each task its ratio times the batches of `batch` pairs that it has, going on from where
/// the last epoch ended, the tasks evenly interleaved.
std::vector<BatchRange> plan_epoch(const std::vector<std::size_t>& task_pairs, const std::vector<double>& ratios,
                                   std::size_t batch, std::uint32_t epoch);

}  // namespace vecterm
