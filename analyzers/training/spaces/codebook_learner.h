// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "analyzers/spaces/codebook.h"

namespace vecterm {

/// How a codebook is learned.
struct CodebookOptions {
  std::uint32_t cells = 2;       ///< at most the number of vectors
  std::uint32_t iterations = 8;  ///< of each k-means
  unsigned threads = 0;          ///< 0 = all cores; changes nothing in the result
  std::uint64_t seed = 1;
};

/// Learns one table of cells by spherical k-means (Dhillon and Modha, Machine Learning 2001). Many cells are learned in
/// two levels: about sqrt(cells) groups, then within each group as many cells as its share of the vectors, then some
/// iterations over all cells, in which vectors look for their cell in the nearest groups as documents will.
///
/// @param vectors   row-major n x centre.size(), unit vectors; at most 32 a cell are used
/// @param centre    their mean
/// @param progress  called with the share that is done
CellTable learn_codebook(std::span<const float> vectors, std::span<const float> centre, const CodebookOptions& options,
                         const std::function<void(double)>& progress);

}  // namespace vecterm
