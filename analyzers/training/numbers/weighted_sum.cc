// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/numbers/weighted_sum.h"

#include <cstring>

#include "analyzers/rows/simd.h"

namespace vecterm {
namespace {

// `kWidth` columns from `column` on; their sums fit into registers.
template <std::size_t kWidth>
[[gnu::always_inline]] inline void sum_block(const float* matrix, std::size_t dimensions, const Share<float>* shares,
                                             std::size_t n, std::size_t column, float* out) {
  float sums[kWidth] = {};
  for (std::size_t k = 0; k < n; ++k) {
    const float* row = matrix + shares[k].row * dimensions + column;
    for (std::size_t i = 0; i < kWidth; ++i) sums[i] += shares[k].factor * row[i];
  }
  std::memcpy(out + column, sums, sizeof sums);
}

VECTERM_SIMD void sum_columns(const float* matrix, std::size_t dimensions, const Share<float>* shares, std::size_t n,
                              float* out) {
  std::size_t column = 0;
  for (; column + 64 <= dimensions; column += 64) sum_block<64>(matrix, dimensions, shares, n, column, out);
  for (; column + 16 <= dimensions; column += 16) sum_block<16>(matrix, dimensions, shares, n, column, out);
  for (; column + 4 <= dimensions; column += 4) sum_block<4>(matrix, dimensions, shares, n, column, out);
  for (; column < dimensions; ++column) sum_block<1>(matrix, dimensions, shares, n, column, out);
}

VECTERM_SIMD float sixteen_lanes(const float* a, const float* b, std::size_t n) {
  float lanes[16] = {};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16)
    for (std::size_t lane = 0; lane < 16; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  for (std::size_t lane = 0; i < n; ++i, ++lane) lanes[lane] += a[i] * b[i];
  for (std::size_t width = 8; width > 0; width /= 2)
    for (std::size_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  return lanes[0];
}

}  // namespace

template <>
double lane_dot<float>(std::span<const float> a, std::span<const float> b) {
  return double{sixteen_lanes(a.data(), b.data(), a.size())};
}

void weighted_sum(const float* matrix, std::span<const Share<float>> shares, std::span<float> out) {
  sum_columns(matrix, out.size(), shares.data(), shares.size(), out.data());
}

}  // namespace vecterm
