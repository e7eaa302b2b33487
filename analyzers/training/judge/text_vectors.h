// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/tokenizer.h"

namespace vecterm {

/// The vectors of n texts, and how much of the texts the dictionary knows.
struct TextVectors {
  std::size_t dimensions = 0;
  std::vector<float> units;        ///< row-major n x d, rows of norm 1; zeros for a text without a vector
  std::size_t without_vector = 0;  ///< how many rows are zeros
  std::uint64_t words = 0;         ///< running words of all texts
  std::uint64_t known_words = 0;   ///< those that the dictionary has, be it without trigrams

  std::size_t size() const { return dimensions == 0 ? 0 : units.size() / dimensions; }
  std::span<const float> row(std::size_t i) const { return std::span(units).subspan(i * dimensions, dimensions); }
  bool has_vector(std::size_t i) const;
  /// known_words / words, in [0, 1]; 0 for no words.
  double coverage() const;
};

/// Embeds texts one by one. The result is the same for every number of threads; 0 = all cores.
/// REQUIRES: the tokenizer is the one that the dictionary names.
TextVectors embed_texts(const Embedder& embedder, const Tokenizer& tokenizer, std::span<const std::string_view> texts,
                        unsigned threads = 0);

}  // namespace vecterm
