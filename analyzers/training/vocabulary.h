// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "trainer.h"
#include "weighted_sum.h"

namespace vecterm {

/// The words of training data that occur often enough, most frequent first, with their SIF weights a/(a + p) (Arora
/// et al., "A simple but tough-to-beat baseline for sentence embeddings", ICLR 2017). p is a word's share of all
/// running words of items and queries, those left out included.
///
/// Whether a word occurs often enough is a question of how much there is to learn it from, so a query's words count
/// once more for each of its pairs: a name that one query of a hundred pairs has is worth a vector.
struct Vocabulary {
  Vocabulary(const TrainingData& data, std::uint32_t min_count, double sif);

  std::vector<std::string> words;
  std::vector<std::uint64_t> counts;
  std::vector<float> weights;
  std::unordered_map<std::string_view, std::uint32_t> rows;  ///< of `words`; the views stay in the training data
};

/// Bags of words as rows of the vocabulary, each with wdf * weight; words outside of it are left out.
class Bags {
 public:
  Bags(const std::vector<TermList>& texts, const Vocabulary& vocabulary);

  std::span<const Share<float>> operator[](std::size_t i) const {
    return std::span(shares_).subspan(starts_[i], starts_[i + 1] - starts_[i]);
  }

 private:
  std::vector<std::size_t> starts_{0};
  std::vector<Share<float>> shares_;
};

}  // namespace vecterm
