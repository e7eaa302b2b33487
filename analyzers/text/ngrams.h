// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/tokenizer.h"
#include "analyzers/version.h"

namespace vecterm {

/// Whether an entry may stand in a dictionary of these kinds: with n-grams, it must be spelled as one of them.
VECTERM_INTERNAL_API bool is_entry(std::string_view entry, NGramKinds kinds);

/// The spelling of a piece's entry.
VECTERM_INTERNAL_API std::string piece_entry(std::string_view piece);

/// The spelling of a bigram.
std::string bigram_of(std::string_view first, std::string_view second);
/// Its words. REQUIRES: ngram_of(bigram) == NGram::kBigram
struct BigramWords {
  std::string_view first;
  std::string_view second;
};
BigramWords words_of_bigram(std::string_view bigram);

/// The trigrams of a word, in their order, spelled as entries: as many as it has code points. A code point begins at
/// each byte that does not continue one in UTF-8, so any bytes will do.
VECTERM_INTERNAL_API std::vector<std::string> trigrams_of(std::string_view word);

/// A word's place in a text.
struct PlacedTerm {
  std::uint32_t position = 0;
  std::uint32_t term = 0;  ///< its number in a list of terms
};

/// The terms and the bigrams of a text, in byte order, without terms that contain a space. A bigram counts once for
/// each position of its first word that has the second word at the next one.
/// @param places  in any order
TermList with_bigrams(const TermList& terms, std::vector<PlacedTerm> places);

}  // namespace vecterm
