// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/data/file_array.h"
#include "analyzers/training/numbers/aligned_floats.h"
#include "analyzers/training/numbers/weighted_sum.h"

namespace vecterm {

/// A sparse matrix, row after row, in nameless temporary files.
struct SparseRows {
  explicit SparseRows(const std::string& scratch) : starts(scratch), shares(scratch) { starts.push_back(0); }

  std::size_t size() const { return starts.size() - 1; }
  /// What was pushed to `shares` since the last row is one.
  void end_row() { starts.push_back(shares.size()); }

  FileArray<std::uint64_t> starts;  ///< size() + 1
  FileArray<Share<float>> shares;   ///< columns with their values
};

/// A tall matrix with few columns, kept in blocks of sixteen: a row of a block is a cache line, and threads that work
/// on different blocks need not agree on anything. So all sums have one order, whatever the number of threads, and the
/// same bits on every processor.
class ColumnBlocks {
 public:
  static constexpr std::size_t kWidth = 16;

  /// Zeros. @param columns  rounded up to blocks
  ColumnBlocks(std::size_t rows, std::size_t columns)
      : rows_(rows), blocks_((columns + kWidth - 1) / kWidth), values_(blocks_ * rows * kWidth) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return blocks_ * kWidth; }
  float& at(std::size_t row, std::size_t column) { return block(column / kWidth)[row * kWidth + column % kWidth]; }
  float at(std::size_t row, std::size_t column) const { return block(column / kWidth)[row * kWidth + column % kWidth]; }

  void fill_with_normals(Random random);
  /// Of A^T A times this, one pass over A. REQUIRES: A's columns are below rows()
  ColumnBlocks normal_product(const SparseRows& a, ThreadPool& threads) const;
  /// The transpose of this times other, columns() x columns(). REQUIRES: both have the same form
  std::vector<double> transposed_product(const ColumnBlocks& other, ThreadPool& threads) const;
  /// This times a square matrix, row-major.
  ColumnBlocks product(std::span<const double> matrix, ThreadPool& threads) const;

 private:
  float* block(std::size_t number) { return &values_[number * rows_ * kWidth]; }
  const float* block(std::size_t number) const { return &values_[number * rows_ * kWidth]; }

  std::size_t rows_;
  std::size_t blocks_;
  AlignedFloats values_;
};

}  // namespace vecterm
