// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index/writing/corpus.h"

namespace vecterm::bench {

/// Makes passages and queries from the words of a corpus. The same corpus and seed give the same texts everywhere.
class Texts {
 public:
  Texts(const std::vector<CorpusDocument>& documents, std::uint64_t seed);

  /// Passage `i`: a window of 8 to 40 words of one document, half of the passages with a second window of another;
  /// then 15 % of the words are replaced by words from anywhere in the corpus.
  std::string passage(std::uint64_t i) const;

  /// Made like passages, but none of them.
  std::string passage_query(std::uint64_t i) const;

  /// 3 to 5 consecutive words of a document.
  std::string short_query(std::uint64_t i) const;

 private:
  using WordNumbers = std::vector<std::uint32_t>;

  std::string noisy_passage(std::uint64_t stream) const;
  std::string joined(const WordNumbers& words) const;

  std::uint64_t seed_;
  std::vector<std::string> vocabulary_;
  WordNumbers running_;             ///< the words of all documents, one after another
  std::vector<std::size_t> first_;  ///< where each document's words begin; one more at the end
};

}  // namespace vecterm::bench
