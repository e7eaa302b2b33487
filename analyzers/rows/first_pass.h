// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "analyzers/rows/small_rows.h"
#include "analyzers/vector_codec.h"

namespace vecterm {

/// The score of a document without a vector, below all others.
inline constexpr std::int32_t kNoScore = std::numeric_limits<std::int32_t>::min();

/// A query vector as a first pass compares it with rows.
class FirstPassQuery {
 public:
  explicit FirstPassQuery(std::shared_ptr<const SmallQuery> query) : query_(std::move(query)) {}

  /// scores[i] = that of row number `numbers`[i]: whole numbers, the larger the nearer, the same on every processor.
  void score(const std::uint8_t* rows, std::span<const std::uint32_t> numbers, std::span<std::int32_t> scores) const {
    query_->score(rows, numbers, scores);
  }
  /// About the cosine that a score stands for.
  double cosine(std::int32_t score) const { return query_->cosine(score); }

 private:
  std::shared_ptr<const SmallQuery> query_;
};

/// The small rows by which a search ranks its candidates before the best are compared exactly; the codec of the slot
/// says of which kind they are (CodecRow).
///
/// Immutable and thread-safe.
class FirstPass {
 public:
  /// @param centre  d values, the mean of the vectors
  FirstPass(VectorCodec codec, std::span<const float> centre);

  /// Bytes of one row.
  std::size_t row_bytes() const { return rows_->row_bytes(); }

  /// Whether its rows begin with those of a slot of this codec, which then need not be kept beside them.
  static bool has_rows_of(VectorCodec codec);

  /// Writes one row. REQUIRES: `decoded` is d values as the slot gives them, row.size() is row_bytes().
  void quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const { rows_->quantise(decoded, row); }

  /// REQUIRES: unit.size() is d.
  FirstPassQuery query(std::span<const float> unit) const { return FirstPassQuery(rows_->query(unit)); }

  /// How many of the best are to be compared exactly where `wanted` of them are asked for.
  std::size_t compared(std::size_t wanted) const { return rows_->compared(wanted); }

 private:
  std::shared_ptr<const SmallRows> rows_;
};

}  // namespace vecterm
