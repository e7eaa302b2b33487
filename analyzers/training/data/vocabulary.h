// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/training/data/file_array.h"
#include "analyzers/training/numbers/weighted_sum.h"
#include "analyzers/training/training_data.h"
#include "analyzers/training/training_options.h"

namespace vecterm {

/// What training gives vectors to: the words of entities in pairs that occur often enough, by the options also their
/// bigrams and trigrams, each with its SIF weight a/(a + p) (Arora et al., "A simple but tough-to-beat baseline for
/// sentence embeddings", ICLR 2017). p is an entry's share of all running entries of its kind, those left out included.
/// What only held-out pairs name is not counted.
///
/// Whether an entry occurs often enough is a question of how much there is to learn it from, so what a query has counts
/// once more for each of its pairs: a name that one query of a hundred pairs has is worth a vector. Of each kind the
/// most frequent are taken, up to a number.
///
/// Where an old dictionary is updated, its entries are in however seldom they occur; those that no text has are not.
struct Vocabulary {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  /// By the options for n-grams and the options min_count, sif and update.
  Vocabulary(const TrainingData& data, const TrainingOptions& options);

  std::size_t size() const { return entries.size(); }
  bool is_bigram(std::size_t row) const { return row >= first_bigram && row < first_trigram; }
  /// The rows of a word's trigrams, of those that have one. REQUIRES: word < rows.size()
  std::span<const std::uint32_t> trigram_rows(std::size_t word) const {
    return std::span(trigrams_).subspan(starts_[word], starts_[word + 1] - starts_[word]);
  }

  /// The spelling of each row: words, then bigrams, then trigrams, the most frequent first.
  std::vector<std::string> entries;
  std::uint32_t first_bigram = 0;   ///< row
  std::uint32_t first_trigram = 0;  ///< row; size() without any
  std::vector<std::uint64_t> counts;
  std::vector<float> weights;
  std::vector<std::uint32_t> rows;      ///< of each of TrainingData::words(), or kNone
  std::vector<std::uint32_t> old_rows;  ///< of each row, that in the old dictionary, or kNone

 private:
  struct Occurrences;
  struct Candidates;
  std::vector<std::uint32_t> choose(const Candidates& candidates, const TrainingOptions& options);
  static std::vector<Occurrences> occurrences_of(const TrainingData& data);
  void add_row(std::string_view entry, std::uint64_t count, double frequency, const TrainingOptions& options);
  void choose_trigrams(const TrainingData& data, std::span<const Occurrences> of_words, const TrainingOptions& options);

  std::vector<std::size_t> starts_;      ///< of each of TrainingData::words() in trigrams_, and their end
  std::vector<std::uint32_t> trigrams_;  ///< rows
};

/// The entities' bags as rows of the vocabulary, each with wdf * weight, as an Embedder sums them: a word's trigrams
/// are there with the word and in its stead, but not with a word of weight 0. Each comes once, after the words.
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
