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
  if (space > 0) return NGram::kBigram;
  return entry.starts_with("  ") ? NGram::kPiece : NGram::kTrigram;
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
    case NGram::kPiece:
      ++pieces;
      break;
  }
}

std::string NGramCounts::text() const {
  const std::string others = text_without_words();
  return fmt::format("{} words{}{}", words, others.empty() ? "" : ", ", others);
}

std::string NGramCounts::text_without_words() const {
  std::string text;
  if (bigrams + trigrams > 0) text = fmt::format("{} bigrams, {} trigrams", bigrams, trigrams);
  if (pieces > 0) text += fmt::format("{}{} pieces", text.empty() ? "" : ", ", pieces);
  return text;
}

}  // namespace vecterm
