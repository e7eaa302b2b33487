// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/texts/column_blocks.h"

#include <algorithm>

#include "analyzers/rows/simd.h"

namespace vecterm {
namespace {

constexpr std::size_t kWidth = ColumnBlocks::kWidth;

// sums += A^T A block, where A has `rows` rows.
VECTERM_SIMD void add_normal_product(const std::uint64_t* starts, const Share<float>* shares, std::size_t rows,
                                     const float* block, float* sums) {
  for (std::size_t row = 0; row < rows; ++row) {
    float line[kWidth] = {};
    for (std::uint64_t k = starts[row]; k < starts[row + 1]; ++k)
      for (std::size_t i = 0; i < kWidth; ++i) line[i] += shares[k].factor * block[shares[k].row * kWidth + i];
    for (std::uint64_t k = starts[row]; k < starts[row + 1]; ++k)
      for (std::size_t i = 0; i < kWidth; ++i) sums[shares[k].row * kWidth + i] += shares[k].factor * line[i];
  }
}

// One block's transpose times another, kWidth x kWidth.
VECTERM_SIMD void multiply_transposed(const float* a, const float* b, std::size_t rows, double* sums) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < kWidth; ++i)
      for (std::size_t j = 0; j < kWidth; ++j)
        sums[i * kWidth + j] += double{a[row * kWidth + i]} * double{b[row * kWidth + j]};
}

// sums += one block times kWidth x kWidth numbers.
VECTERM_SIMD void add_product(const float* a, const double* matrix, std::size_t rows, double* sums) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < kWidth; ++i)
      for (std::size_t j = 0; j < kWidth; ++j)
        sums[row * kWidth + j] += double{a[row * kWidth + i]} * matrix[i * kWidth + j];
}

}  // namespace

void ColumnBlocks::fill_with_normals(Random random) {
  for (float& value : values_) value = static_cast<float>(random.normal());
}

ColumnBlocks ColumnBlocks::normal_product(const SparseRows& a, ThreadPool& threads) const {
  ColumnBlocks result(rows_, columns());
  threads.for_each(blocks_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b)
      add_normal_product(a.starts.begin(), a.shares.begin(), a.size(), block(b), result.block(b));
  });
  return result;
}

std::vector<double> ColumnBlocks::transposed_product(const ColumnBlocks& other, ThreadPool& threads) const {
  std::vector<double> result(columns() * columns());
  threads.for_each(blocks_ * blocks_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t pair = begin; pair < end; ++pair) {
      const std::size_t i = pair / blocks_ * kWidth;
      const std::size_t j = pair % blocks_ * kWidth;
      double sums[kWidth * kWidth] = {};
      multiply_transposed(block(pair / blocks_), other.block(pair % blocks_), rows_, sums);
      for (std::size_t k = 0; k < kWidth; ++k) std::copy_n(&sums[k * kWidth], kWidth, &result[(i + k) * columns() + j]);
    }
  });
  return result;
}

ColumnBlocks ColumnBlocks::product(std::span<const double> matrix, ThreadPool& threads) const {
  constexpr std::size_t kRowsAPiece = 1024;
  ColumnBlocks result(rows_, columns());
  threads.for_each(rows_, kRowsAPiece, [&](std::size_t begin, std::size_t end) {
    std::vector<double> sums;
    std::vector<double> part(kWidth * kWidth);
    for (std::size_t to = 0; to < blocks_; ++to) {
      sums.assign((end - begin) * kWidth, 0);
      for (std::size_t from = 0; from < blocks_; ++from) {
        for (std::size_t k = 0; k < kWidth; ++k)
          std::copy_n(&matrix[(from * kWidth + k) * columns() + to * kWidth], kWidth, &part[k * kWidth]);
        add_product(block(from) + begin * kWidth, part.data(), end - begin, sums.data());
      }
      std::ranges::transform(sums, result.block(to) + begin * kWidth, [](double x) { return static_cast<float>(x); });
    }
  });
  return result;
}

}  // namespace vecterm
