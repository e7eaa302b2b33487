// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "analyzers/tokenizer.h"

namespace vecterm {

/// Words by Unicode's word boundaries (UAX #29, with ICU's dictionaries for scripts without spaces), lower-cased
/// by full case folding, normalised to NFC; pieces without a letter or digit are dropped, and words longer than
/// 64 bytes too (Xapian's default limit). For engines and bindings without Xapian; an index that Xapian's
/// TermGenerator made needs XapianTokenizer (plugin), whose words differ ("c++", "node.js").
class IcuTokenizer : public Tokenizer {
 public:
  /// @param bigrams  whether lists have the bigrams of words, too
  explicit IcuTokenizer(bool bigrams = false) : bigrams_(bigrams) {}

  using Tokenizer::terms;
  TermList terms(std::span<const TextField> fields) const override;
  std::string_view name() const override { return "icu"; }

 private:
  bool bigrams_;
};

}  // namespace vecterm
