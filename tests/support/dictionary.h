// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/spaces/cells.h"
#include "analyzers/spaces/cross_polytopes.h"
#include "analyzers/spaces/hyperplanes.h"
#include "analyzers/spaces/p_stable.h"
#include "analyzers/text/ngrams.h"

/// Small made-up dictionaries, the same on every machine.
namespace vecterm::test {

/// A generator whose numbers do not depend on the standard library (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  /// In [-1, 1).
  float number() { return static_cast<float>(next() >> 40) / static_cast<float>(1U << 23) - 1.0F; }

  std::vector<float> vector(std::size_t dimensions) {
    std::vector<float> values(dimensions);
    for (float& value : values) value = number();
    return values;
  }

  std::vector<float> unit(std::size_t dimensions) {
    std::vector<float> values = vector(dimensions);
    double squares = 0;
    for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
    for (float& value : values) value = static_cast<float>(static_cast<double>(value) / std::sqrt(squares));
    return values;
  }

  /// Row-major count x dimensions.
  std::vector<float> units(std::size_t count, std::size_t dimensions) {
    std::vector<float> rows;
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<float> row = unit(dimensions);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return rows;
  }

 private:
  std::uint64_t state_;
};

inline std::shared_ptr<const HashSpace> small_cells(std::size_t dimensions = 8, std::size_t cells = 16,
                                                    std::uint64_t seed = 1) {
  return make_cells(Random(seed).units(cells, dimensions), dimensions);
}

inline std::shared_ptr<const HashSpace> small_hyperplanes(std::size_t dimensions = 8, std::uint32_t tables = 4,
                                                          std::uint32_t bits = 5, std::uint64_t seed = 1) {
  Random random(seed);
  const std::vector<float> mean(dimensions, 0.05F);
  return make_hyperplanes(mean, random.units(tables * bits, dimensions), tables, bits);
}

/// Cells in two tables, the second in groups of adjacent cells.
inline std::shared_ptr<const HashSpace> small_resolutions(std::size_t dimensions = 8, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<CellTable> tables(2);
  tables[0].centroids = random.units(10, dimensions);
  tables[1].centroids = random.units(40, dimensions);
  tables[1].groups = random.units(4, dimensions);
  tables[1].first = {0, 1, 17, 35};
  tables[1].searched = 4;
  return make_cells(std::vector<float>(dimensions, 0.05F), tables, 2);
}

inline std::shared_ptr<const HashSpace> small_cross_polytopes(std::size_t dimensions = 8, std::uint32_t tables = 4,
                                                              std::uint32_t bits = 6, std::uint64_t seed = 1) {
  Random random(seed);
  std::string signs(cross_polytope_sign_bytes(dimensions, tables, bits), '\0');
  for (char& byte : signs) byte = static_cast<char>(random.below(256));
  return make_cross_polytopes(std::vector<float>(dimensions, 0.05F), signs, tables, bits);
}

inline std::shared_ptr<const HashSpace> small_p_stable(std::size_t dimensions = 8, std::uint32_t tables = 4,
                                                       std::uint32_t bits = 5, std::uint64_t seed = 1) {
  Random random(seed);
  std::vector<float> projections(tables * bits * dimensions);
  for (float& value : projections)
    for (int i = 0; i < 3; ++i) value += random.number();  // of variance 1
  std::vector<float> offsets(tables * bits);
  for (float& offset : offsets) offset = random.number() + 1.0F;
  return make_p_stable(std::vector<float>(dimensions, 0.05F), projections, offsets, 2, tables, bits);
}

/// Contents with random vectors for the given words, weight 0.5 each.
inline DictionaryContents small_contents(std::vector<std::string> words, std::shared_ptr<const HashSpace> space,
                                         std::uint64_t seed = 1) {
  DictionaryContents contents;
  contents.dimensions = space->dimensions();
  contents.vectors = Random(seed).units(words.size(), contents.dimensions);
  contents.counts.assign(words.size(), 7);
  contents.weights.assign(words.size(), 0.5F);
  contents.words = std::move(words);
  contents.hash_space = std::move(space);
  contents.tokenizer = "xapian";
  contents.provenance = R"({"made":"by a test"})";
  return contents;
}

/// Adds to the vectors of words what their trigrams weigh, as trained dictionaries have it.
inline void fold_trigrams(DictionaryContents& contents) {
  const std::size_t d = contents.dimensions;
  const std::vector<float> own = contents.vectors;
  const std::map<std::string, std::size_t> numbers = [&] {
    std::map<std::string, std::size_t> made;
    for (std::size_t i = 0; i < contents.words.size(); ++i) made[contents.words[i]] = i;
    return made;
  }();
  for (std::size_t i = 0; i < contents.words.size(); ++i) {
    if (ngram_of(contents.words[i]) != NGram::kWord || contents.weights[i] == 0) continue;
    for (const std::string& trigram : trigrams_of(contents.words[i])) {
      const auto g = numbers.find(trigram);
      if (g == numbers.end()) continue;
      const float share = contents.weights[g->second] / contents.weights[i];
      for (std::size_t k = 0; k < d; ++k) contents.vectors[i * d + k] += share * own[g->second * d + k];
    }
  }
}

/// small_contents() of words, bigrams and trigrams: those of `words` that contain a space. Trigrams are folded.
inline DictionaryContents ngram_contents(std::vector<std::string> words, std::shared_ptr<const HashSpace> space,
                                         std::uint64_t seed = 1) {
  DictionaryContents contents = small_contents(std::move(words), std::move(space), seed);
  contents.ngrams = {.bigrams = true, .trigrams = true};
  Random random(seed);
  for (float& weight : contents.weights) weight = 0.25F + static_cast<float>(random.below(4)) / 8.0F;
  fold_trigrams(contents);
  return contents;
}

/// Splits words at dots, then into "app", "##le", "p" and "##ear".
inline constexpr const char* kSmallPieces = R"({"pre_tokenizer":{"type":"Punctuation"},"model":{"type":"WordPiece",)"
                                            R"("vocab":{"app":0,"##le":1,"p":2,"##ear":3}}})";

/// Words, and pieces as entries.
inline DictionaryContents piece_contents(std::vector<std::string> words, std::shared_ptr<const HashSpace> space) {
  DictionaryContents contents = small_contents(std::move(words), std::move(space));
  contents.ngrams.pieces = true;
  contents.pieces = kSmallPieces;
  return contents;
}

/// The same entries with random components instead of vectors of their own.
inline DictionaryContents hashed(DictionaryContents contents, std::size_t components = 40, std::uint64_t seed = 1) {
  Random random(seed);
  contents.vectors.clear();
  contents.components = random.units(components, contents.dimensions);
  contents.mixing = random.vector(2 * contents.words.size());
  return contents;
}

inline std::shared_ptr<const Dictionary> small_dictionary(std::vector<std::string> words,
                                                          std::shared_ptr<const HashSpace> space = small_cells(),
                                                          std::uint64_t seed = 1) {
  return Dictionary::parse(serialise_dictionary(small_contents(std::move(words), std::move(space), seed)));
}

}  // namespace vecterm::test
