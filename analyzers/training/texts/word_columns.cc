// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/texts/word_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "analyzers/errors.h"
#include "analyzers/numbers/portable_log.h"
#include "analyzers/tokenizer.h"

namespace vecterm {

WordColumns::WordColumns(const TrainingData& data, std::size_t texts, const WordChoice& choice)
    : of_data_(data.words().size(), kNone) {
  choose(data, texts, choice);
  if (words_.empty())
    throw DataError(fmt::format("there is nothing to learn from the texts: no word occurs {} times in {} texts",
                                choice.min_count, texts));
  join(choice);
  count_texts(data, texts);
}

void WordColumns::choose(const TrainingData& data, std::size_t texts, const WordChoice& choice) {
  std::vector<std::uint64_t> counts(data.words().size());
  for (std::size_t text = 0; text < texts; ++text)
    for (const auto& [word, wdf] : data.bag(text)) counts[word] += wdf;
  for (std::uint32_t word = 0; word < counts.size(); ++word)
    if (counts[word] >= choice.min_count && ngram_of(data.words()[word]) == NGram::kWord) numbers_.push_back(word);
  std::ranges::sort(numbers_, [&](std::uint32_t a, std::uint32_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : data.words()[a] < data.words()[b];
  });
  numbers_.resize(std::min<std::size_t>(numbers_.size(), choice.max_words));
  for (const std::uint32_t number : numbers_) {
    words_.push_back(data.words()[number]);
    counts_.push_back(counts[number]);
  }
}

void WordColumns::join(const WordChoice& choice) {
  std::unordered_map<std::string, std::uint32_t> of_stems;
  for (std::size_t word = 0; word < words_.size(); ++word) {
    const auto next = static_cast<std::uint32_t>(of_stems.size());
    const std::uint32_t column =
        of_stems.try_emplace(choice.stem ? choice.stem(words_[word]) : words_[word], next).first->second;
    columns_.push_back(column);
    of_data_[numbers_[word]] = column;
  }
  frequencies_.resize(of_stems.size());
}

void WordColumns::count_texts(const TrainingData& data, std::size_t texts) {
  std::vector<std::size_t> counted(columns());  // 1 + the last text that has the column
  for (std::size_t text = 0; text < texts; ++text) {
    texts_ += data.bag(text).empty() ? 0 : 1;
    for (const auto& [word, wdf] : data.bag(text)) {
      const std::uint32_t column = of_data_[word];
      if (column == kNone || counted[column] == text + 1) continue;
      counted[column] = text + 1;
      ++frequencies_[column];
    }
  }
}

double WordColumns::idf(std::uint32_t column) const {
  return portable_log(static_cast<double>(texts_) / frequencies_[column]);
}

SparseRows WordColumns::matrix(const TrainingData& data, std::size_t texts) const {
  SparseRows matrix(data.scratch());
  std::vector<Share<double>> row;
  for (std::size_t text = 0; text < texts; ++text) {
    row.clear();
    for (const auto& [word, wdf] : data.bag(text))
      if (of_data_[word] != kNone) row.push_back({of_data_[word], static_cast<double>(wdf)});
    std::ranges::sort(row, {}, &Share<double>::row);
    double squares = 0;
    std::size_t size = 0;
    for (std::size_t i = 0; i < row.size();) {
      Share<double> sum{row[i].row, 0};
      for (; i < row.size() && row[i].row == sum.row; ++i) sum.factor += row[i].factor;
      sum.factor = (1 + portable_log(sum.factor)) * idf(sum.row);
      squares += sum.factor * sum.factor;
      if (sum.factor > 0) row[size++] = sum;
    }
    for (std::size_t i = 0; i < size; ++i)
      matrix.shares.push_back({row[i].row, static_cast<float>(row[i].factor / std::sqrt(squares))});
    matrix.end_row();
  }
  return matrix;
}

DictionaryContents WordColumns::contents() const {
  DictionaryContents contents;
  contents.words = words_;
  contents.counts = counts_;
  const double most = std::max(portable_log(static_cast<double>(texts_)), 1e-9);
  for (const std::uint32_t column : columns_) {
    const double share = idf(column) / most;
    contents.weights.push_back(static_cast<float>(share * share));
  }
  return contents;
}

}  // namespace vecterm
