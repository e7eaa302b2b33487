// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>

#include "analyzers/rows/int8_rows.h"
#include "analyzers/rows/sign_rows.h"
#include "analyzers/vector_codec.h"
#include "analyzers/version.h"

namespace vecterm {

/// The score of a document without a vector, below all others.
inline constexpr std::int32_t kNoScore = std::numeric_limits<std::int32_t>::min();

/// A query vector as a first pass compares it with rows.
class VECTERM_API FirstPassQuery {
 public:
  explicit FirstPassQuery(std::variant<Int8Query, SignQuery> query) : query_(std::move(query)) {}

  /// score_rows() of its kind: whole numbers, the larger the nearer, the same on every processor.
  void score(const std::uint8_t* rows, std::span<const std::uint32_t> numbers, std::span<std::int32_t> scores) const {
    std::visit([&](const auto& query) { score_rows(query, rows, numbers, scores); }, query_);
  }
  /// About the cosine that a score stands for.
  double cosine(std::int32_t score) const {
    return std::visit([score](const auto& query) { return query.cosine(score); }, query_);
  }

 private:
  std::variant<Int8Query, SignQuery> query_;
};

/// The small rows by which a search ranks its candidates before the best are compared exactly, by the codec of the
/// slot: one bit a dimension where that holds no more (SignQuantiser), else one byte (Int8Quantiser).
///
/// Immutable and thread-safe.
class VECTERM_API FirstPass {
 public:
  /// @param centre  d values, the mean of the vectors
  FirstPass(VectorCodec codec, std::span<const float> centre);

  /// Bytes of one row.
  std::size_t row_bytes() const;

  /// Whether its rows begin with those of a slot of this codec, which then need not be kept beside them.
  static bool has_rows_of(VectorCodec codec) { return codec == VectorCodec::kSignBits; }

  /// Writes one row. REQUIRES: `decoded` is d values as the slot gives them, row.size() is row_bytes().
  void quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const;

  /// REQUIRES: unit.size() is d.
  FirstPassQuery query(std::span<const float> unit) const;

  /// How many of the best are to be compared exactly where `wanted` of them are asked for.
  std::size_t compared(std::size_t wanted) const;

 private:
  std::variant<Int8Quantiser, SignQuantiser> quantiser_;
};

}  // namespace vecterm
