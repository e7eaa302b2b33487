// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/tokenizer.h"

#include <fmt/format.h>

namespace vecterm {

Tokenizer::~Tokenizer() = default;

TermList Tokenizer::terms(std::span<const std::string_view> fields) const {
  std::vector<TextField> weighted;
  for (const std::string_view field : fields) weighted.push_back({field});
  return terms(weighted);
}

TermList Tokenizer::terms(std::string_view text) const {
  const TextField field{text};
  return terms(std::span(&field, 1));
}

NGram ngram_of(std::string_view entry) {
  const std::size_t space = entry.find(' ');
  if (space == std::string_view::npos) return NGram::kWord;
  return space == 0 ? NGram::kTrigram : NGram::kBigram;
}

void NGramCounts::add(NGram kind) {
  switch (kind) {
    case NGram::kWord:
      ++words;
      break;
    case NGram::kBigram:
      ++bigrams;
      break;
    case NGram::kTrigram:
      ++trigrams;
      break;
  }
}

std::string NGramCounts::text() const {
  const std::string text = fmt::format("{} words", words);
  return bigrams + trigrams == 0 ? text : text + fmt::format(", {} bigrams, {} trigrams", bigrams, trigrams);
}

}  // namespace vecterm
