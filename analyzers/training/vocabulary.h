// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "../export.h"
#include "file_array.h"
#include "training_data.h"
#include "training_options.h"
#include "weighted_sum.h"

namespace vecterm {

/// The words that training gives vectors to, most frequent first: those of entities in pairs that occur often enough,
/// with their SIF weights a/(a + p) (Arora et al., "A simple but tough-to-beat baseline for sentence embeddings", ICLR
/// 2017). p is a word's share of all running words, those left out included. What only held-out pairs name is not
/// counted.
///
/// Whether a word occurs often enough is a question of how much there is to learn it from, so a query's words count
/// once more for each of its pairs: a name that one query of a hundred pairs has is worth a vector.
///
/// Where an old dictionary is updated, its words are in however seldom they occur; those that no text has are not.
struct VECTERM_API Vocabulary {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  /// By the options min_count, sif and update.
  Vocabulary(const TrainingData& data, const TrainingOptions& options);

  std::size_t size() const { return words.size(); }

  std::vector<std::uint32_t> words;  ///< of each row, the number in TrainingData::words()
  std::vector<std::uint64_t> counts;
  std::vector<float> weights;
  std::vector<std::uint32_t> rows;      ///< of each of TrainingData::words(), or kNone
  std::vector<std::uint32_t> old_rows;  ///< of each row, that in the old dictionary, or kNone
};

/// The entities' bags as rows of the vocabulary, each with wdf * weight; words outside of it are left out.
class Bags {
 public:
  Bags(const TrainingData& data, const Vocabulary& vocabulary);

  std::span<const Share<float>> operator[](std::size_t entity) const {
    return shares_.span().subspan(starts_[entity], starts_[entity + 1] - starts_[entity]);
  }

 private:
  FileArray<std::uint64_t> starts_;
  FileArray<Share<float>> shares_;
};

}  // namespace vecterm
