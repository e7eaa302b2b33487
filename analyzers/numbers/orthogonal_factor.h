// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vecterm {

/// The Q of a QR decomposition by Householder's reflections, d x d.
/// @param matrix  row-major, d x d
/// @returns row-major; the same bits on any processor of an architecture
std::vector<double> orthogonal_factor(std::span<const double> matrix, std::size_t d);

}  // namespace vecterm
