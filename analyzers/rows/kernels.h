// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyzers/version.h"

namespace vecterm {

/// A matrix kept so that its products with a vector are quick: blocks of rows, each block transposed, so that one
/// instruction serves several rows. Each product is summed over the dimensions in ascending order in float, so it has
/// the bits of the plain scalar loop on every processor.
///
/// Immutable and thread-safe. Takes 4 * d bytes a row, rows rounded up to a multiple of 64.
class VECTERM_INTERNAL_API PackedRows {
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

/// Instructions for sums of int8 products; all give the same bits.
enum class IntegerInstructions { kPlain, kAvx2, kAvx512Vnni };

/// The widest that this processor has.
IntegerInstructions widest_integer_instructions();

/// A matrix of int8 kept so that its products with an int8 vector are quick and exact: blocks of 16 rows, within a
/// block 4 dimensions of each row in turn, so that one vpdpbusd with 4 numbers of the vector serves 16 rows and nothing
/// is summed across lanes.
///
/// Immutable and thread-safe. Takes d bytes a row, d rounded up to a multiple of 4 and rows to one of 16, and 4 more.
class PackedInt8Rows {
 public:
  static constexpr std::size_t kBlock = 16;  ///< rows

  /// Copies `rows_row_major` (n x `dimensions`, numbers in [-127, 127]).
  /// REQUIRES: 0 < dimensions <= 4096 and rows_row_major.size() is a multiple of it; the processor has `instructions`.
  PackedInt8Rows(std::span<const std::int8_t> rows_row_major, std::size_t dimensions,
                 IntegerInstructions instructions = widest_integer_instructions());

  std::size_t rows() const { return rows_; }
  std::size_t blocks() const { return (rows_ + kBlock - 1) / kBlock; }
  /// The dimensions rounded up to a multiple of 4.
  std::size_t padded_dimensions() const { return 4 * quads_; }

  /// out[r] = sum over i of vector[i] * row [kBlock * first_block + r][i]; 0 for rows past the last one.
  /// REQUIRES: vector.size() == padded_dimensions(), numbers in [-127, 127]; out.size() is a multiple of kBlock, and so
  /// many blocks follow from `first_block` on.
  void products(std::span<const std::int8_t> vector, std::size_t first_block, std::span<std::int32_t> out) const;

  /// Products of `count` blocks: `numbers` at [block][quad][row][4], `offsets` at [block][row].
  using Kernel = void (*)(const std::int8_t* numbers, const std::int32_t* offsets, const std::int8_t* vector,
                          std::size_t quads, std::size_t count, std::int32_t* out);

 private:
  struct alignas(64) Lanes {
    std::int8_t values[64] = {};
  };

  std::size_t rows_;
  std::size_t quads_;
  Kernel kernel_;
  std::vector<Lanes> lanes_;           ///< [block][quad], 16 rows by 4 dimensions each
  std::vector<std::int32_t> offsets_;  ///< -128 times each row's sum: vpdpbusd takes the vector as [1, 255]
};

/// The dot products of `vector` with some rows of a matrix (row-major, n x vector.size()), each summed in double in 16
/// lanes by index modulo 16 and then pairwise: the same bits on every processor.
/// REQUIRES: out.size() == which.size(), each of `which` below n.
void lane_products(std::span<const float> vector, std::span<const float> matrix, std::span<const std::uint32_t> which,
                   std::span<float> out);

/// sum[i] += factor * row[i], in double. REQUIRES: sum.size() == row.size()
void add_scaled(double factor, std::span<const float> row, std::span<double> sum);

/// out[i] = the IEEE 754 binary16 number in the little-endian bytes 2i and 2i + 1, exactly.
/// REQUIRES: bytes.size() == 2 * out.size()
void halves_to_floats(std::string_view bytes, std::span<float> out);

/// The largest |value|; 0 for none. REQUIRES: finite values.
float largest_magnitude(std::span<const float> values);

/// out[i] = values[i] * factor, rounded to nearest even and bounded by +-127; out has values.size() numbers.
void to_int8(std::span<const float> values, float factor, std::int8_t* out);

/// The positions of the largest numbers, ascending: at least min(count, n) of them, all those not below some number
/// that at least `count` reach. Nothing is sorted. `scratch` is overwritten; `out` replaced.
void positions_of_largest(std::span<const std::int32_t> numbers, std::size_t count, std::vector<std::int32_t>& scratch,
                          std::vector<std::uint32_t>& out);

}  // namespace vecterm
