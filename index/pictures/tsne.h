// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vecterm {

struct TsneOptions {
  double perplexity = 30;  ///< about how many neighbours keep their nearness, [1, 1000]; at most (n - 1) / 3 is used
  std::uint32_t iterations = 1000;  ///< steps of gradient descent, [1, 100000]
  unsigned threads = 0;             ///< 0 = all cores; the result is the same for every number
};

struct PlanePoint {
  double x = 0;
  double y = 0;
};

/// Lays vectors out in the plane so that neighbours stay neighbours: t-SNE (van der Maaten and Hinton, "Visualizing
/// data using t-SNE", JMLR 2008), exact, on squared Euclidean distances. It starts from the two principal components
/// (Kobak and Berens, "The art of using t-SNE for single-cell transcriptomics", Nature Communications 2019), so
/// nothing is random: the same vectors give the same picture on one machine. Fewer than 5 vectors are left at their
/// principal components. Takes n^2 times a step and 16 n^2 bytes.
///
/// @param vectors  row-major n x `dimensions`, n <= 2000; equal rows get equal places
/// @returns n points around (0, 0), in no particular unit
/// @throws InvalidArgument for sizes or options out of their range or a number that is not finite
std::vector<PlanePoint> tsne(std::span<const float> vectors, std::size_t dimensions, const TsneOptions& options = {});

}  // namespace vecterm
