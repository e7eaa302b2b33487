// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/weighted_sum.h"

#include <cstring>

#include "analyzers/simd.h"

namespace vecterm {
namespace {

constexpr std::size_t kBlock = 64;

// Columns in blocks whose sums fit into registers.
VECTERM_SIMD void sum_columns(const float* matrix, std::size_t dimensions, const Share<float>* shares, std::size_t n,
                              float* out) {
  std::size_t column = 0;
  for (; column + kBlock <= dimensions; column += kBlock) {
    float sums[kBlock] = {};
    for (std::size_t k = 0; k < n; ++k) {
      const float* row = matrix + shares[k].row * dimensions + column;
      for (std::size_t i = 0; i < kBlock; ++i) sums[i] += shares[k].factor * row[i];
    }
    std::memcpy(out + column, sums, sizeof sums);
  }
  const std::size_t rest = dimensions - column;
  std::fill_n(out + column, rest, 0.0F);
  for (std::size_t k = 0; k < n && rest != 0; ++k) {
    const float* row = matrix + shares[k].row * dimensions + column;
    for (std::size_t i = 0; i < rest; ++i) out[column + i] += shares[k].factor * row[i];
  }
}

}  // namespace

void weighted_sum(const float* matrix, std::span<const Share<float>> shares, std::span<float> out) {
  sum_columns(matrix, out.size(), shares.data(), shares.size(), out.data());
}

}  // namespace vecterm
