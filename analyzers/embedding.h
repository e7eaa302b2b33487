// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dictionary.h"
#include "errors.h"
#include "tokenizer.h"
#include "version.h"

namespace vecterm {

/// A vector of norm 1.
using UnitVector = std::vector<float>;

/// The one place where rows become an embedding: adds factor * row in double, then scales to norm 1. The caller adds
/// terms in byte order with factor = wdf * weight.
class VECTERM_API EmbeddingSum {
 public:
  explicit EmbeddingSum(std::size_t dimensions) : sum_(dimensions, 0.0) {}

  /// REQUIRES: row has `dimensions` numbers, all finite.
  void add(double factor, std::span<const float> row);
  std::span<double> values() { return sum_; }
  /// The sum scaled to norm 1, or nothing where it is zero or not finite.
  std::optional<UnitVector> unit() const;

 private:
  std::vector<double> sum_;
};

/// Running words of a text.
struct WordCounts {
  std::uint64_t all = 0;
  std::uint64_t known = 0;  ///< those that the dictionary has
};

/// Turns bags of words into embeddings: s = sum over terms of wdf * weight * row, u = s/|s| (PinText, Zhuang and
/// Liu, KDD 2019; the weights are SIF, Arora et al., ICLR 2017). A word that a dictionary with trigrams lacks adds wdf
/// * weight * row of each of its trigrams (fastText: Bojanowski et al., TACL 2017).
///
/// Sums run over the terms in byte order, in double, so the result has the same bits on every processor and for
/// every number of threads. Immutable and thread-safe.
class VECTERM_API Embedder {
 public:
  explicit Embedder(std::shared_ptr<const Dictionary> dictionary);

  /// The embedding, or nothing where no term is known or the sum vanishes.
  /// REQUIRES: `terms` in byte order, of a tokenizer that tells bigrams where dictionary().ngrams() has them.
  std::optional<UnitVector> embed(const TermList& terms) const;

  /// Adds what `wdf` occurrences of a term add to an embedding; whether the dictionary has anything for it.
  bool add(const TermCount& term, std::span<double> sum) const;

  /// Whether a term stands for a word, and not for a bigram.
  bool is_word(std::string_view term) const { return !dictionary_->ngrams().any() || ngram_of(term) == NGram::kWord; }

  /// Bigrams are no words, and a word of which only trigrams are known is unknown.
  WordCounts words(const TermList& terms) const;
  /// The share of the words, by wdf, for which the dictionary has anything, be it trigrams, in [0, 1]; 0 for no words.
  double coverage(const TermList& terms) const;

  const Dictionary& dictionary() const { return *dictionary_; }
  std::shared_ptr<const Dictionary> shared_dictionary() const { return dictionary_; }

 private:
  std::shared_ptr<const Dictionary> dictionary_;
};

/// `vector` scaled to norm 1, or nothing where its norm is zero. @throws InvalidArgument for NaN or infinity
VECTERM_API std::optional<UnitVector> normalised(std::span<const float> vector);

}  // namespace vecterm
