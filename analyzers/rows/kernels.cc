// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/kernels.h"

#include <algorithm>
#include <cstring>

#include "analyzers/rows/simd.h"

namespace vecterm {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 4 * kLanes;

// A plain loop, because generic vector types wider than the processor's are compiled to code ten times slower.
VECTERM_SIMD void block_products(const float* block, const float* vector, std::size_t dimensions, float* out) {
  float sums[kBlock] = {};
  for (std::size_t i = 0; i < dimensions; ++i, block += kBlock)
    for (std::size_t j = 0; j < kBlock; ++j) sums[j] += vector[i] * block[j];
  std::memcpy(out, sums, sizeof sums);
}

}  // namespace

PackedRows::PackedRows(std::span<const float> rows_row_major, std::size_t dimensions)
    : rows_(rows_row_major.size() / dimensions),
      dimensions_(dimensions),
      lanes_((rows_ + kBlock - 1) / kBlock * dimensions * 4) {
  for (std::size_t r = 0; r < rows_; ++r)
    for (std::size_t i = 0; i < dimensions; ++i) {
      const std::size_t lane = r % kBlock;
      lanes_[(r / kBlock * dimensions + i) * 4 + lane / kLanes].values[lane % kLanes] =
          rows_row_major[r * dimensions + i];
    }
}

void PackedRows::products(std::span<const float> vector, std::span<float> out) const {
  for (std::size_t first = 0; first < rows_; first += kBlock) {
    const float* block = lanes_[first / kBlock * dimensions_ * 4].values;
    const std::size_t count = std::min(kBlock, rows_ - first);
    if (count == kBlock) {
      block_products(block, vector.data(), dimensions_, out.data() + first);
    } else {
      float tail[kBlock];
      block_products(block, vector.data(), dimensions_, tail);
      std::copy_n(tail, count, out.begin() + static_cast<std::ptrdiff_t>(first));
    }
  }
}

void add_scaled(double factor, std::span<const float> row, std::span<double> sum) {
  for (std::size_t i = 0; i < row.size(); ++i) sum[i] += factor * static_cast<double>(row[i]);
}

}  // namespace vecterm
