// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernels.h"

#include <algorithm>
#include <cstring>

#include "simd.h"

namespace vecterm {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 4 * kLanes;

// Four accumulators hide the latency of the additions.
using Vector = float __attribute__((vector_size(kLanes * sizeof(float))));

VECTERM_SIMD void block_products(const float* block, const float* vector, std::size_t dimensions, float* out) {
  Vector sum0{}, sum1{}, sum2{}, sum3{};
  for (std::size_t i = 0; i < dimensions; ++i, block += kBlock) {
    Vector row[4];
    std::memcpy(row, block, sizeof row);
    sum0 += vector[i] * row[0];
    sum1 += vector[i] * row[1];
    sum2 += vector[i] * row[2];
    sum3 += vector[i] * row[3];
  }
  std::memcpy(out, &sum0, sizeof sum0);
  std::memcpy(out + kLanes, &sum1, sizeof sum1);
  std::memcpy(out + 2 * kLanes, &sum2, sizeof sum2);
  std::memcpy(out + 3 * kLanes, &sum3, sizeof sum3);
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

}  // namespace vecterm
