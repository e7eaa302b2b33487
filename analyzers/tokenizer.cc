// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/tokenizer.h"

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

}  // namespace vecterm
