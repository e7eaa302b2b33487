// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include "../analyzers/dictionary.h"
#include "../analyzers/errors.h"
#include "../analyzers/tokenizer.h"
#include "../analyzers/version.h"

namespace vecterm {

/// The words of text exactly as Xapian's TermGenerator makes terms of it, after segmented(). Each field is indexed
/// unprefixed, with its weight as wdf increment, into a scratch document.
class VECTERM_API XapianTokenizer : public Tokenizer {
 public:
  /// @param bigrams  whether lists have the bigrams of words, too
  explicit XapianTokenizer(bool bigrams = false) : bigrams_(bigrams) {}

  using Tokenizer::terms;
  TermList terms(std::span<const TextField> fields) const override;
  std::string_view name() const override { return "xapian"; }

 private:
  bool bigrams_;
};

/// A dictionary's words must be spelled as XapianTokenizer spells them.
/// @throws WrongDictionary where another tokenizer made them
VECTERM_API void check_tokenizer(const Dictionary& dictionary);

/// The raw terms of an indexed document with their wdf, in byte order: what its embedding is computed from. Terms
/// with wdf 0 are left out.
/// @param bigrams  whether bigrams, as the terms' positions tell them, are among them
VECTERM_API TermList raw_terms(const Xapian::Document& document, bool bigrams = false);

}  // namespace vecterm
