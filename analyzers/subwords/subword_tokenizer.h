// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/tokenizer.h"
#include "analyzers/version.h"

namespace vecterm {

/// Splits words into pieces as a public embedding model does, by the description in its tokenizer.json (Hugging Face
/// tokenizers): a normaliser, a pre-tokeniser and one of the models WordPiece, Unigram, BPE and WordLevel.
///
/// A word is split as within a text, behind a space: what models do at a text's beginning and end only (Prepend, Strip,
/// ByteLevel's add_prefix_space) is left out. SentencePiece's Precompiled normaliser counts as NFKC, from which it is
/// made. Immutable, thread-safe. Internal.
class VECTERM_INTERNAL_API SubwordTokenizer {
 public:
  /// @param name  stands for the file in messages
  /// @throws DataError for what is no such description, or has a part of a kind that is not known; names it
  static std::shared_ptr<const SubwordTokenizer> parse(std::string_view json, const std::string& name);
  ~SubwordTokenizer();

  /// The numbers of a word's pieces, in their order; what is unknown, and special tokens, give none.
  std::vector<std::uint32_t> pieces(std::string_view word) const;

  /// The spellings of all pieces by their number; empty where no piece has it.
  const std::vector<std::string>& spellings() const;
  bool is_special(std::uint32_t piece) const;
  /// The word that a piece is by itself, or nothing where it is a part of words.
  std::optional<std::string> word_of(std::uint32_t piece) const;

  /// A description of what pieces() depends on, and no more: a tokenizer.json again, the same for the same description.
  const std::string& description() const;

 private:
  struct Internal;
  explicit SubwordTokenizer(std::unique_ptr<const Internal> internal);

  std::unique_ptr<const Internal> internal_;
};

/// The entries that stand for a word which a dictionary of these kinds lacks, be they there or not: its trigrams, or its
/// pieces. None for an n-gram. Internal.
/// @param tokenizer  of the pieces; null where kinds.pieces is false
VECTERM_INTERNAL_API std::vector<std::string> subwords_of(std::string_view word, NGramKinds kinds,
                                                          const SubwordTokenizer* tokenizer);

}  // namespace vecterm
