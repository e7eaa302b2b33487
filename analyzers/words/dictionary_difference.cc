// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/words/dictionary_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

/// A dictionary's rows one after another.
class Rows {
 public:
  explicit Rows(const Dictionary& dictionary) : dictionary_(dictionary), vector_(dictionary.dimensions()) {}

  bool at_end() const { return row_ == dictionary_.size(); }
  std::string_view word() const { return dictionary_.word(row_); }
  void advance() { ++row_; }

  bool equals(Rows& other) {
    if (word().find(' ') != std::string_view::npos && dictionary_.ngrams() != other.dictionary_.ngrams()) return false;
    dictionary_.copy_vector(row_, vector_);
    other.dictionary_.copy_vector(other.row_, other.vector_);
    return same_bits(dictionary_.weight(row_), other.dictionary_.weight(other.row_)) &&
           std::ranges::equal(vector_, other.vector_, same_bits);
  }

 private:
  const Dictionary& dictionary_;
  std::size_t row_ = 0;
  std::vector<float> vector_;
};

}  // namespace

std::vector<std::string> DictionaryDifference::words() const {
  std::vector<std::string> all;
  for (const auto* list : {&added, &removed, &moved}) all.insert(all.end(), list->begin(), list->end());
  std::ranges::sort(all);
  return all;
}

DictionaryDifference difference(const Dictionary& before, const Dictionary& after) {
  if (before.dimensions() != after.dimensions())
    throw InvalidArgument(fmt::format("dimensions of both dictionaries must be the same; were {} and {}",
                                      before.dimensions(), after.dimensions()));
  DictionaryDifference result;
  Rows old_rows(before);
  Rows new_rows(after);
  while (!old_rows.at_end() || !new_rows.at_end()) {
    if (new_rows.at_end() || (!old_rows.at_end() && old_rows.word() < new_rows.word())) {
      result.removed.emplace_back(old_rows.word());
      old_rows.advance();
    } else if (old_rows.at_end() || new_rows.word() < old_rows.word()) {
      result.added.emplace_back(new_rows.word());
      new_rows.advance();
    } else {
      if (!old_rows.equals(new_rows)) result.moved.emplace_back(old_rows.word());
      old_rows.advance();
      new_rows.advance();
    }
  }
  return result;
}

}  // namespace vecterm
