// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vecterm {

/// Groups few unit vectors: starting from one group each, the two groups with the largest mean cosine between their
/// members are joined until `clusters` are left (average linkage, UPGMA; Sokal and Michener 1958). Unlike k-means it
/// needs no random start and keeps close pairs together where everything else is far away, as among words. Takes about
/// n^2 * d multiplications and 4 n^2 bytes. Internal.
/// @param units  row-major n x `dimensions`
/// @returns the group of each vector; groups are numbered by their first member
std::vector<std::uint32_t> average_linkage(std::span<const float> units, std::size_t dimensions, std::size_t clusters);

}  // namespace vecterm
