// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "export.h"

namespace vecterm {

/// A word of a text and how often it occurs there (wdf, within-document frequency).
struct TermCount {
  std::string term;
  std::uint32_t wdf = 1;

  bool operator==(const TermCount&) const = default;
};

/// The bag of words of one text: distinct terms in ascending byte order. Bigrams of words may stand among them, spelled
/// as in ngrams.h, with the number of places where the two words are neighbours.
using TermList = std::vector<TermCount>;

/// One of several texts that make up a document.
struct TextField {
  std::string_view text;
  std::uint32_t weight = 1;  ///< what an occurrence of a word adds to its wdf, at least 1; bigrams count once
};

/// Splits text into words. An implementation is immutable and may be used by several threads at once.
///
/// Whatever touches one index must split text in one way, so a dictionary records the name() of the tokenizer
/// that made it.
class VECTERM_API Tokenizer {
 public:
  virtual ~Tokenizer();

  /// The terms of a document made of several fields, and its bigrams where the tokenizer was made to tell them; the
  /// last word of a field and the first of the next are no neighbours. Never throws for hostile or invalid UTF-8: bytes
  /// that are no text separate words.
  virtual TermList terms(std::span<const TextField> fields) const = 0;

  /// A short stable name, for example "xapian"; stored in dictionaries.
  virtual std::string_view name() const = 0;

  /// The terms of fields of weight 1.
  TermList terms(std::span<const std::string_view> fields) const;
  /// The terms of a single text.
  TermList terms(std::string_view text) const;
};

}  // namespace vecterm
