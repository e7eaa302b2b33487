// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/folding.h"
#include "analyzers/text/ngrams.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace vecterm {

void fold_trigrams(DictionaryContents& contents, std::size_t count) {
  if (!contents.ngrams.trigrams || !contents.components.empty()) return;
  const std::size_t d = contents.dimensions;
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < contents.words.size(); ++i)
    if (ngram_of(contents.words[i]) == NGram::kTrigram) numbers.emplace(contents.words[i], i);
  std::vector<double> sum(d);
  for (std::size_t i = 0; i < count; ++i) {
    if (ngram_of(contents.words[i]) != NGram::kWord || contents.weights[i] == 0) continue;
    std::ranges::fill(sum, 0.0);
    for (const std::string& trigram : trigrams_of(contents.words[i])) {
      const auto found = numbers.find(trigram);
      if (found == numbers.end()) continue;
      const double weight = contents.weights[found->second];
      for (std::size_t k = 0; k < d; ++k) sum[k] += weight * double{contents.vectors[found->second * d + k]};
    }
    for (std::size_t k = 0; k < d; ++k) {
      float& value = contents.vectors[i * d + k];
      value = static_cast<float>(double{value} + sum[k] / double{contents.weights[i]});
    }
  }
}

OldRows unfolded(const Dictionary& dictionary, const std::string& scratch) {
  const std::size_t d = dictionary.dimensions();
  OldRows old{d, FileArray<float>(scratch), {}};
  if (dictionary.components() > 0) {
    DictionaryContents contents = dictionary.contents();
    old.rows.resize(contents.components.size());
    std::ranges::copy(contents.components, old.rows.begin());
    old.mixing = std::move(contents.mixing);
    return old;
  }
  old.rows.resize(dictionary.size() * d);
  std::vector<double> sum(d);
  for (std::size_t i = 0; i < dictionary.size(); ++i) {
    const std::span<float> row(old.rows.begin() + i * d, d);
    dictionary.copy_vector(i, row);
    if (dictionary.kind(i) != NGram::kWord || dictionary.weight(i) == 0) continue;
    std::ranges::copy(row, sum.begin());
    if (dictionary.add_subwords(dictionary.word(i), -1 / double{dictionary.weight(i)}, sum))
      std::ranges::transform(sum, row.begin(), [](double value) { return static_cast<float>(value); });
  }
  return old;
}

}  // namespace vecterm
