// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vecterm {

/// How a table of cross-polytopes follows from its dimensions and bits (see make_cross_polytopes()).
struct CrossPolytopeShape {
  static constexpr int kRounds = 3;

  CrossPolytopeShape(std::size_t dimensions, std::uint32_t bits)
      : padded(std::bit_ceil(std::max<std::size_t>(dimensions, 1))),
        full_bits(static_cast<std::uint32_t>(std::bit_width(padded))),
        polytopes((bits + full_bits - 1) / full_bits) {}

  std::size_t padded;       ///< the dimensions' next power of two
  std::uint32_t full_bits;  ///< of a polytope with all 2 * padded vertices
  std::uint32_t polytopes;  ///< of a table; the last one has what bits are left

  std::size_t signs() const { return kRounds * padded; }  ///< of a rotation
  std::size_t sign_bytes() const { return (signs() + 7) / 8; }
};

}  // namespace vecterm
