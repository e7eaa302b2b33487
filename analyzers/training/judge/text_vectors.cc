// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/text_vectors.h"

#include <algorithm>

#include "analyzers/base/parallel.h"

namespace vecterm {
namespace {

constexpr std::size_t kTextsAPiece = 64;

}  // namespace

bool TextVectors::has_vector(std::size_t i) const {
  return std::ranges::any_of(row(i), [](float value) { return value != 0; });
}

double TextVectors::coverage() const {
  return words == 0 ? 0 : static_cast<double>(known_words) / static_cast<double>(words);
}

TextVectors embed_texts(const Embedder& embedder, const Tokenizer& tokenizer, std::span<const std::string_view> texts,
                        unsigned threads) {
  TextVectors vectors;
  vectors.dimensions = embedder.dictionary().dimensions();
  vectors.units.resize(texts.size() * vectors.dimensions);
  std::vector<WordCounts> counts(texts.size());
  parallel_for(texts.size(), kTextsAPiece, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const TermList terms = tokenizer.terms(texts[i]);
      counts[i] = embedder.words(terms);
      if (const auto unit = embedder.embed(terms))
        std::ranges::copy(*unit, vectors.units.begin() + static_cast<std::ptrdiff_t>(i * vectors.dimensions));
    }
  });
  for (std::size_t i = 0; i < texts.size(); ++i) {
    vectors.words += counts[i].all;
    vectors.known_words += counts[i].known;
    if (!vectors.has_vector(i)) ++vectors.without_vector;
  }
  return vectors;
}

}  // namespace vecterm
