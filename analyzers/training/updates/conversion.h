// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>

#include "analyzers/dictionary.h"

namespace vecterm {

/// A dictionary with the first `dimensions` numbers of its vectors, in another codec. Where dimensions are left out,
/// the contents have no hash space: one is to be learned. Cutting costs least where the dictionary was trained for it
/// (TrainingOptions::nested; Kusupati et al., "Matryoshka representation learning", NeurIPS 2022).
/// @throws InvalidArgument where dimensions are not in [1, dictionary.dimensions()]
DictionaryContents converted(const Dictionary& dictionary, std::size_t dimensions, VectorCodec codec);

/// Row-major n x dimensions, each row of norm 1 or zero.
struct UnitRows {
  std::span<const float> rows;
  std::size_t dimensions = 0;

  std::size_t size() const { return rows.size() / dimensions; }
};

/// How much of the nearest neighbours stays the same: of each of `sample` rows, evenly chosen, the share of its
/// `nearest` rows by cosine `before`, itself included, that are among them `after`; the mean, in [0, 1]. REQUIRES: both
/// have the same texts in the same order, and more than `nearest` of them; sample > 0
double kept_neighbors(const UnitRows& before, const UnitRows& after, std::size_t nearest = 10,
                      std::size_t sample = 1000, unsigned threads = 0);

}  // namespace vecterm
