// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../errors.h"
#include "../tokenizer.h"
#include "../version.h"

namespace vecterm {

/// One entity led to another.
struct EntityPair {
  std::uint32_t query = 0;
  std::uint32_t item = 0;
  float weight = 1;  ///< what the pair counts in the loss, finite and >= 0
};

/// Pairs in a nameless temporary file, used as a vector is.
class VECTERM_API PairList {
 public:
  /// @param scratch  directory of the file; empty = the system's
  explicit PairList(const std::string& scratch = {});
  ~PairList();
  PairList(PairList&&) noexcept;
  PairList& operator=(PairList&&) noexcept;

  std::size_t size() const { return span().size(); }
  bool empty() const { return span().empty(); }
  std::span<const EntityPair> span() const;
  std::span<EntityPair> span();
  auto begin() const { return span().begin(); }
  auto end() const { return span().end(); }
  const EntityPair& operator[](std::size_t i) const { return span()[i]; }
  EntityPair& operator[](std::size_t i) { return span()[i]; }

  /// @throws DiskError where there is no room
  void push_back(const EntityPair& pair);
  /// REQUIRES: size <= size()
  void shrink(std::size_t size);

 private:
  struct Internal;
  std::unique_ptr<Internal> internal_;
};

/// Engagement data: which entities led to which, by task. An entity is whatever can be looked for or found (a query,
/// an item, an interest): a bag of words, or a fixed vector that something else gave it. Entities of all kinds are
/// numbered together, in the order in which they were added, and any of them can be on either side of a pair.
///
/// Texts and pairs are kept in nameless temporary files, so only the distinct words are held in memory.
class VECTERM_API TrainingData {
 public:
  using Pair = EntityPair;
  /// A word of an entity, by its number.
  struct Word {
    std::uint32_t word;
    std::uint32_t wdf;
  };
  struct Task {
    std::string name;
    PairList pairs;
    PairList held_out;  ///< never learned from; what validation asks for
  };

  /// @param scratch  directory of the temporary files; empty = the system's
  explicit TrainingData(std::string scratch = {});
  ~TrainingData();
  TrainingData(TrainingData&&) noexcept;
  TrainingData& operator=(TrainingData&&) noexcept;

  /// The next entity: a bag of words, each term counted once in `terms`.
  /// @throws InvalidArgument beyond 2^32 - 1 entities or words
  std::uint32_t add(const TermList& terms);
  /// The next entity: a fixed vector, of any length but 0. All must have one dimension.
  /// @throws InvalidArgument for another dimension, NaN, infinity and the zero vector
  std::uint32_t add(std::span<const float> vector);

  /// The task of that name, which is made where there is none. Valid until the next call.
  Task& task(std::string_view name);
  void add_pair(std::string_view task_name, Pair pair) { task(task_name).pairs.push_back(pair); }

  std::size_t size() const;
  const std::vector<Task>& tasks() const;
  std::vector<Task>& tasks();
  const std::deque<std::string>& words() const;
  /// The words of an entity; none where it has a vector. REQUIRES for both: entity < size().
  std::span<const Word> bag(std::size_t entity) const;
  /// The fixed vector of an entity as a unit vector; empty where it has none.
  std::span<const float> vector(std::size_t entity) const;
  /// Of the fixed vectors; 0 without any.
  std::size_t dimensions() const;
  /// Running words of an entity, without bigrams. REQUIRES: entity < size().
  std::uint64_t length(std::size_t entity) const;
  /// TextSketch::hash_of its words. REQUIRES: entity < size()
  std::uint64_t text_hash(std::size_t entity) const;
  const std::string& scratch() const;

 private:
  struct Internal;
  std::unique_ptr<Internal> internal_;
};

/// Moves the pairs of a share of the items to the tasks' held-out pairs; every other pair with such an item on either
/// side is dropped. Which items is a matter of their numbers and the seed alone.
/// @param share  of the items that pairs lead to, (0, 0.5]
/// @throws InvalidArgument for a share out of its range
VECTERM_API void hold_out(TrainingData& data, double share, std::uint64_t seed);

}  // namespace vecterm
