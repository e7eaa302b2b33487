// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../errors.h"
#include "../tokenizer.h"
#include "../version.h"
#include "data/file_array.h"

namespace vecterm {

/// Engagement data: which entities led to which, by task. An entity is whatever can be looked for or found (a query,
/// an item, an interest): a bag of words, or a fixed vector that something else gave it. Entities of all kinds are
/// numbered together, in the order in which they were added, and any of them can be on either side of a pair.
///
/// Texts and pairs are kept in nameless temporary files, so only the distinct words are held in memory.
class VECTERM_API TrainingData {
 public:
  /// `query` led to `item`.
  struct Pair {
    std::uint32_t query = 0;
    std::uint32_t item = 0;
    float weight = 1;  ///< what the pair counts in the loss, finite and >= 0
  };
  /// A word of an entity, by its number.
  struct Word {
    std::uint32_t word;
    std::uint32_t wdf;
  };
  struct Task {
    std::string name;
    FileArray<Pair> pairs;
    FileArray<Pair> held_out;  ///< never learned from; what validation asks for
  };

  /// @param scratch  directory of the temporary files; empty = the system's
  explicit TrainingData(std::string scratch = {});

  /// The next entity: a bag of words, each term counted once in `terms`.
  /// @throws InvalidArgument beyond 2^32 - 1 entities or words
  std::uint32_t add(const TermList& terms);
  /// The next entity: a fixed vector, of any length but 0. All must have one dimension.
  /// @throws InvalidArgument for another dimension, NaN, infinity and the zero vector
  std::uint32_t add(std::span<const float> vector);

  /// The task of that name, which is made where there is none. Valid until the next call.
  Task& task(std::string_view name);
  void add_pair(std::string_view task_name, Pair pair) { task(task_name).pairs.push_back(pair); }

  std::size_t size() const { return starts_.size() - 1; }
  const std::vector<Task>& tasks() const { return tasks_; }
  std::vector<Task>& tasks() { return tasks_; }
  const std::deque<std::string>& words() const { return words_; }
  /// The words of an entity; none where it has a vector. REQUIRES for both: entity < size().
  std::span<const Word> bag(std::size_t entity) const {
    return bags_.span().subspan(starts_[entity], starts_[entity + 1] - starts_[entity]);
  }
  /// The fixed vector of an entity as a unit vector; empty where it has none.
  std::span<const float> vector(std::size_t entity) const {
    if (dimensions_ == 0 || fixed_[entity] == 0) return {};
    return vectors_.span().subspan((fixed_[entity] - 1) * dimensions_, dimensions_);
  }
  /// Of the fixed vectors; 0 without any.
  std::size_t dimensions() const { return dimensions_; }
  /// Running words of an entity, without bigrams. REQUIRES: entity < size().
  std::uint64_t length(std::size_t entity) const { return lengths_[entity]; }
  const std::string& scratch() const { return scratch_; }

 private:
  std::uint32_t word_number(const std::string& word);
  std::uint32_t close_entity();

  std::string scratch_;
  std::deque<std::string> words_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;  ///< of words_
  FileArray<std::uint64_t> starts_;                              ///< of each entity's words in bags_, and their end
  FileArray<Word> bags_;
  FileArray<std::uint32_t> lengths_;
  FileArray<std::uint32_t> fixed_;  ///< of each entity, 1 + the number of its vector; 0 = none
  FileArray<float> vectors_;        ///< row-major, unit vectors
  std::size_t dimensions_ = 0;
  std::vector<Task> tasks_;
};

/// Moves the pairs of a share of the items to the tasks' held-out pairs; every other pair with such an item on either
/// side is dropped. Which items is a matter of their numbers and the seed alone.
/// @param share  of the items that pairs lead to, (0, 0.5]
/// @throws InvalidArgument for a share out of its range
VECTERM_API void hold_out(TrainingData& data, double share, std::uint64_t seed);

}  // namespace vecterm
