// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "export.h"

namespace vecterm {

/// A matrix kept so that its products with a vector are quick: blocks of rows, each block transposed, so that one
/// instruction serves several rows. Each product is summed over the dimensions in ascending order in float, so it has
/// the bits of the plain scalar loop on every processor.
///
/// Immutable and thread-safe. Takes 4 * d bytes a row, rows rounded up to a multiple of 64.
class VECTERM_API PackedRows {
 public:
  /// Copies `rows_row_major` (n x `dimensions`).
  /// REQUIRES: dimensions > 0 and rows_row_major.size() is a multiple of it.
  PackedRows(std::span<const float> rows_row_major, std::size_t dimensions);

  std::size_t rows() const { return rows_; }
  std::size_t dimensions() const { return dimensions_; }

  /// out[r] = sum over i of vector[i] * row r[i].
  /// REQUIRES: vector.size() == dimensions() and out.size() == rows().
  void products(std::span<const float> vector, std::span<float> out) const;

 private:
  struct alignas(64) Lanes {
    float values[16] = {};
  };

  std::size_t rows_;
  std::size_t dimensions_;
  std::vector<Lanes> lanes_;  ///< [block][dimension][4], a block being 64 rows
};

}  // namespace vecterm
