// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/hash_space.h"

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

inline std::shared_ptr<const Dictionary> small_dictionary(std::vector<std::string> words,
                                                          std::shared_ptr<const HashSpace> space = small_cells(),
                                                          std::uint64_t seed = 1) {
  return Dictionary::parse(serialise_dictionary(small_contents(std::move(words), std::move(space), seed)));
}

}  // namespace vecterm::test
