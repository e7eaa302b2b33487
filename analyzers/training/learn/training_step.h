// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/numbers/random.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/training/data/task_pairs.h"
#include "analyzers/training/data/vocabulary.h"
#include "analyzers/training/learn/objective.h"
#include "analyzers/training/learn/word_rows.h"
#include "analyzers/training/training_options.h"

namespace vecterm {

/// One synchronous step of training after another. A batch's entities are numbered: first the random negatives, then
/// the positive of each pair, then the query of each pair; the candidates that a query is compared with are the
/// negatives, and the positives too where the options say so. Each phase of a step writes an entity, or a row, from
/// one thread only and sums in a fixed order, so the result does not depend on the number of threads.
///
/// Where prefixes of the dimensions are learned, too, all are compared one after another, and the gradients add up.
class TrainingStep {
 public:
  /// All must outlive it.
  TrainingStep(const TrainingOptions& options, const TrainingData& data, const Bags& bags, WordRows& rows,
               ThreadPool& threads);

  /// Learns from `pairs`, at most options.batch of `task`.
  /// @param weight  of the task
  /// @param draws   where the negatives come from
  /// @returns the sum of the pairs' losses, each the mean over the prefixes and, for the hinge, over all candidates
  double run(const TaskPairs& task, double weight, std::span<const TrainingData::Pair> pairs, Random draws,
             double rate);

  /// How many rows of the last step had a gradient that is not finite, and stay as they were.
  std::size_t unusable_rows() const { return unusable_rows_; }

  /// Of an entity as training sees it now: its unit vector, or zeros. `out` has at most rows.dimensions() values.
  void embed(std::size_t entity, std::span<float> out) const;

 private:
  struct Scratch {
    std::vector<float> cosines;
    std::vector<float> scores;
    std::vector<std::uint8_t> masked;
  };
  /// The entities of a batch in some of their first dimensions.
  struct Units {
    std::size_t width = 0;     ///< the dimensions, made up to whole cache lines with zeros
    AlignedFloats rows;        ///< row-major, entities x width
    std::vector<float> norms;  ///< of the entities' sums; 0 = no vector

    std::span<float> operator[](std::size_t entity) { return std::span(rows).subspan(entity * width, width); }
    std::span<const float> operator[](std::size_t entity) const {
      return std::span(rows).subspan(entity * width, width);
    }
  };

  std::size_t negatives() const { return options_.negatives; }
  std::size_t positive_of(std::size_t pair) const { return negatives() + pair; }
  std::size_t query_of(std::size_t pair) const { return negatives() + pairs_ + pair; }

  void draw_entities(const TaskPairs& task, std::span<const TrainingData::Pair> pairs, Random& draws);
  void drop_words(std::uint64_t seed);
  void correct_for_frequency(const TaskPairs& task);
  void embed_entities();
  void cut_units(std::size_t dimensions);
  double learn(const TaskPairs& task, double weight, std::span<const TrainingData::Pair> pairs, const Units& units);
  float embed_bag(std::size_t entity, std::span<const Share<float>> bag, std::span<float> out) const;
  void mask_known(const TaskPairs& task, std::uint32_t query, const Units& units,
                  std::vector<std::uint8_t>& masked) const;
  double compare(const TaskPairs& task, double weight, const TrainingData::Pair& pair, std::size_t number,
                 const Units& units, Scratch& scratch);
  void turn_shares(std::size_t begin, std::size_t end);
  void differentiate(std::size_t entity, const Units& units);

  const TrainingOptions& options_;
  const TrainingData& data_;
  const Bags& bags_of_all_;
  WordRows& rows_;
  ThreadPool& threads_;

  // Of the current batch.
  std::size_t pairs_ = 0;
  std::size_t pool_size_ = 0;
  std::size_t unusable_rows_ = 0;
  std::vector<std::uint32_t> entities_;                        ///< their numbers in the data
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pool_;  ///< the candidates by ascending number in the data
  std::vector<std::size_t> places_;  ///< of the pool, where each stands among the task's candidates
  std::vector<float> log_q_;         ///< of the candidates; empty without the correction
  std::vector<std::span<const Share<float>>> bags_;
  std::vector<std::vector<Share<float>>> kept_;  ///< of each entity, the words that dropout leaves
  Units whole_;
  Units prefix_;
  std::vector<std::vector<Share<float>>> shares_;  ///< the units in each entity's gradient
  AlignedFloats gradients_;                        ///< row-major, entities x d
  std::vector<std::uint8_t> active_;               ///< of each entity, whether it has a gradient
  std::vector<double> losses_;                     ///< of each pair
  std::unique_ptr<PackedRows> packed_;
};

}  // namespace vecterm
