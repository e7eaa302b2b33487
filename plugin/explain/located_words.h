// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <string_view>
#include <vector>

namespace vecterm {

/// The raw terms of a document by their positions, a term once for each; empty where it has none.
std::vector<std::string> words_by_position(const Xapian::Document& document);

/// A word of a text, and where it stands there.
struct LocatedWord {
  std::string term;   ///< as XapianTokenizer spells it
  std::size_t begin;  ///< bytes
  std::size_t end;
};

/// The words of a text in their order: what an index has of it as raw terms, each with its place.
/// REQUIRES: `text` is valid UTF-8 in NFC.
std::vector<LocatedWord> located_words(std::string_view text);

}  // namespace vecterm
