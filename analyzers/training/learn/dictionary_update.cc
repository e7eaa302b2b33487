// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/dictionary_update.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "analyzers/training/learn/folding.h"

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

class Update {
 public:
  Update(DictionaryContents& learned, const DictionaryUpdate& update)
      : learned_(learned), old_(*update.old), epsilon_(update.epsilon), count_(learned.words.size()) {
    std::vector<bool> is_learned(old_.size());
    for (const std::string& word : learned.words) {
      numbers_.push_back(old_.find(word));
      if (numbers_.back()) is_learned[*numbers_.back()] = true;
    }
    for (std::size_t number = 0; number < old_.size(); ++number)
      if (!is_learned[number]) missing_.push_back(number);
  }

  void run() {
    for (const std::size_t number : missing_) {
      learned_.words.emplace_back(old_.word(number));
      learned_.counts.push_back(old_.count(number));
      learned_.weights.push_back(old_.weight(number));
    }
    if (old_.components() > 0)
      keep_components(old_.contents());
    else
      keep_vectors();
    learned_.codec = old_.codec();
    learned_.tokenizer = old_.tokenizer();
    learned_.hash_space = old_.shared_hash_space();
  }

 private:
  void keep(std::span<float> moved, std::span<const float> before) const {
    if (distance(moved, before) <= epsilon_) std::ranges::copy(before, moved.begin());
  }

  /// Trigrams first: words hold them.
  void keep_vectors() {
    std::vector<float> row(old_.dimensions());
    for (const std::size_t number : missing_) {
      old_.copy_vector(number, row);
      learned_.vectors.insert(learned_.vectors.end(), row.begin(), row.end());
    }
    for (const bool trigrams : {true, false}) {
      for (std::size_t i = 0; i < count_; ++i) {
        if (!numbers_[i] || (old_.kind(*numbers_[i]) == NGram::kTrigram) != trigrams) continue;
        old_.copy_vector(*numbers_[i], row);
        keep(std::span(learned_.vectors).subspan(i * row.size(), row.size()), row);
      }
      if (trigrams) fold_trigrams(learned_, count_);
    }
  }

  void keep_components(const DictionaryContents& old) {
    const std::size_t d = old.dimensions;
    for (std::size_t i = 0; i < old.components.size(); i += d)
      keep(std::span(learned_.components).subspan(i, d), std::span(old.components).subspan(i, d));
    const auto mixing = [&](std::size_t number) { return std::span(old.mixing).subspan(2 * number, 2); };
    for (std::size_t i = 0; i < count_; ++i)
      if (numbers_[i]) keep(std::span(learned_.mixing).subspan(2 * i, 2), mixing(*numbers_[i]));
    for (const std::size_t number : missing_)
      learned_.mixing.insert(learned_.mixing.end(), mixing(number).begin(), mixing(number).end());
  }

  DictionaryContents& learned_;
  const Dictionary& old_;
  double epsilon_;
  std::size_t count_;                                  ///< entries that training had
  std::vector<std::optional<std::uint32_t>> numbers_;  ///< of these, in the old dictionary
  std::vector<std::size_t> missing_;                   ///< old entries that training did not have
};

}  // namespace

DictionaryContents updated(DictionaryContents learned, const DictionaryUpdate& update) {
  Update(learned, update).run();
  return learned;
}

}  // namespace vecterm
