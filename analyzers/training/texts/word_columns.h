// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/training/texts/column_blocks.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// As in LatentSemanticsOptions.
struct WordChoice {
  std::uint32_t min_count;
  std::uint32_t max_words;
  std::function<std::string(const std::string& word)> stem;
};

/// The columns of a matrix of texts and words: which words count, and which of them share a column.
class WordColumns {
 public:
  /// @throws DataError where no word occurs often enough
  WordColumns(const TrainingData& data, std::size_t texts, const WordChoice& choice);

  std::size_t columns() const { return frequencies_.size(); }
  /// The column of a word of contents().
  std::uint32_t column(std::size_t word) const { return columns_[word]; }

  /// A row for each text: (1 + ln wdf) * idf, scaled to norm 1.
  SparseRows matrix(const TrainingData& data, std::size_t texts) const;
  /// Words, counts and weights: idf^2, at most 1.
  DictionaryContents contents() const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  void choose(const TrainingData& data, std::size_t texts, const WordChoice& choice);
  void join(const WordChoice& choice);
  void count_texts(const TrainingData& data, std::size_t texts);
  double idf(std::uint32_t column) const;

  std::vector<std::string> words_;  ///< the most frequent first
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint32_t> columns_;      ///< of each word
  std::vector<std::uint32_t> of_data_;      ///< column of each of TrainingData::words(), or kNone
  std::vector<std::uint32_t> numbers_;      ///< of each word in TrainingData::words()
  std::vector<std::uint32_t> frequencies_;  ///< of each column, texts that have it
  std::size_t texts_ = 0;                   ///< that have any word
};

}  // namespace vecterm
