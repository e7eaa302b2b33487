// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/dictionary_update.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace vecterm {
namespace {

double distance(std::span<const float> a, std::span<const float> b) {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - double{b[i]};
    squares += difference * difference;
  }
  return std::sqrt(squares);
}

void add_old(DictionaryContents& contents, const Dictionary& old, std::size_t number, std::span<const float> row) {
  contents.words.emplace_back(old.word(number));
  contents.counts.push_back(old.count(number));
  contents.weights.push_back(old.weight(number));
  contents.vectors.insert(contents.vectors.end(), row.begin(), row.end());
}

}  // namespace

DictionaryContents updated(DictionaryContents learned, const DictionaryUpdate& update) {
  const Dictionary& old = *update.old;
  std::vector<bool> is_learned(old.size());
  std::vector<float> row(old.dimensions());
  for (std::size_t i = 0; i < learned.words.size(); ++i) {
    const auto number = old.find(learned.words[i]);
    if (!number) continue;
    is_learned[*number] = true;
    old.copy_vector(*number, row);
    const auto moved = std::span(learned.vectors).subspan(i * row.size(), row.size());
    if (distance(moved, row) <= update.epsilon) std::ranges::copy(row, moved.begin());
  }
  for (std::size_t number = 0; number < old.size(); ++number) {
    if (is_learned[number]) continue;
    old.copy_vector(number, row);
    add_old(learned, old, number, row);
  }
  learned.codec = old.codec();
  learned.tokenizer = old.tokenizer();
  learned.hash_space = old.shared_hash_space();
  return learned;
}

}  // namespace vecterm
