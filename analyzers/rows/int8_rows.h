// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/rows/kernels.h"
#include "analyzers/rows/small_rows.h"

namespace vecterm {

/// A query vector as Int8Quantiser stores it: one signed byte a dimension, zeros up to a multiple of 64 bytes.
struct Int8Query {
  std::vector<std::int8_t> values;
  double step = 0;    ///< of a score, as a cosine
  double offset = 0;  ///< the cosine of score 0

  /// About the cosine that a score stands for.
  double cosine(std::int32_t score) const { return step * score + offset; }
};

/// Turns vectors into rows of one byte a dimension, for a first pass that ranks by integer dot products: exact sums on
/// every processor, so that the candidates which are then compared exactly are the same everywhere.
///
/// A row holds u - centre with one fixed step for all rows, biased by 128 so that vpdpbusd takes it, and is not scaled
/// to norm 1: the order of (u - centre) . q is that of u . q. Numbers beyond +-4/sqrt(d), four times those of a
/// vector whose numbers are all of the same size, are cut off.
///
/// Immutable and thread-safe.
class Int8Quantiser {
 public:
  /// @param centre  d values, the mean of the vectors
  explicit Int8Quantiser(std::span<const float> centre);

  /// Bytes of one row: d rounded up to a multiple of 64, a cache line.
  std::size_t row_bytes() const { return (centre_.size() + 63) / 64 * 64; }

  /// Writes one row. REQUIRES: unit.size() is d and row.size() row_bytes().
  void quantise(std::span<const float> unit, std::span<std::uint8_t> row) const;

  /// A query vector, with a step of its own. REQUIRES: unit.size() is d.
  Int8Query query(std::span<const float> unit) const;

  /// How many of the best are compared exactly where `wanted` are asked for.
  std::size_t compared(std::size_t wanted) const { return few_compared(wanted); }

 private:
  std::vector<float> centre_;
  float factor_;
};

/// scores[i] = the sum of products of `query` and row number `numbers`[i], biased by 128 times the query's sum: rows of
/// one query may be compared. Rows to come are prefetched.
/// @param rows  n x query.values.size() bytes, as written by Int8Quantiser
/// REQUIRES: scores.size() == numbers.size(), all of `numbers` below n; the processor has `instructions`
void score_rows(const Int8Query& query, const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
                std::span<std::int32_t> scores, IntegerInstructions instructions = widest_integer_instructions());

}  // namespace vecterm
