// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "version.h"

namespace vecterm {

/// What an entry of a dictionary stands for; its spelling tells. Words, word bigrams and character trigrams are the
/// vocabulary of OmniSearchSage (Agarwal et al., WWW 2024).
enum class NGram {
  kWord,     ///< as it stands in the index: "editor"
  kBigram,   ///< two words at adjacent positions, with a space between: "text editor"
  kTrigram,  ///< a space and three code points of "<word>": " <ed", " edi", " dit", ..., " or>"
  kPiece,    ///< two spaces and a piece of a public model's tokenizer, as it spells it: "  edit", "  ##or"
};

/// What an entry of a dictionary with n-grams stands for.
VECTERM_API NGram ngram_of(std::string_view entry);

/// Which n-grams a dictionary has beside words. Without any, terms that contain a space are words like others; with
/// some, such terms do not count.
struct VECTERM_API NGramKinds {
  bool bigrams = false;
  bool trigrams = false;
  bool pieces = false;  ///< of words, as the tokenizer of a public model splits them

  bool any() const { return bigrams || trigrams || pieces; }
  bool operator==(const NGramKinds&) const = default;
};

/// How many entries of each kind.
struct VECTERM_API NGramCounts {
  std::size_t words = 0;
  std::size_t bigrams = 0;
  std::size_t trigrams = 0;
  std::size_t pieces = 0;

  void add(NGram kind);
  /// "7 words", and "7 words, 5 bigrams, 3 trigrams" where there are n-grams, or "7 words, 30522 pieces".
  std::string text() const;
  /// "5 bigrams, 3 trigrams"; empty where there are words only.
  std::string text_without_words() const;
};

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
