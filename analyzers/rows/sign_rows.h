// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vecterm {

/// VectorCodec::kSignBits: bytes of a row, writing and reading one.
std::size_t sign_bytes(std::size_t dimensions);
void append_signs(std::span<const float> vector, std::string& out);
void decode_signs(std::string_view row, std::span<float> out);

/// A query vector as SignQuantiser stores it: one bit a dimension, zeros up to a multiple of 64 bits.
struct SignQuery {
  std::vector<std::uint64_t> bits;
  std::size_t dimensions = 0;

  /// About the cosine that a score stands for: that of the angle between vectors of which so many signs are the same,
  /// as if their dimensions were random directions (Charikar, "Similarity Estimation Techniques from Rounding
  /// Algorithms", STOC 2002).
  double cosine(std::int32_t score) const;
};

/// Turns vectors into rows of one bit a dimension, for a first pass that ranks by Hamming distance. A row holds the
/// signs of a vector that was stored as sign bits (VectorCodec::kSignBits), so the slot's row can be read from it.
///
/// Immutable and thread-safe.
class SignQuantiser {
 public:
  explicit SignQuantiser(std::size_t dimensions) : dimensions_(dimensions) {}

  /// Bytes of one row: d bits, rounded up to a multiple of 64.
  std::size_t row_bytes() const { return (dimensions_ + 63) / 64 * 8; }

  /// Writes one row: its first bytes are the slot's. REQUIRES: `decoded` is d values that decode_row() gave for sign
  /// bits, row.size() is row_bytes().
  void quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const;

  /// A query vector, the signs taken as VectorCodec::kSignBits takes them. REQUIRES: unit.size() is d.
  SignQuery query(std::span<const float> unit) const;

  /// How many of the best are compared exactly where `wanted` are asked for: 200 for 10 in 256 dimensions, 100 in 512,
  /// which gives recall@10 .998 of an exact scan (tests/bench/codecs).
  std::size_t compared(std::size_t wanted) const;

 private:
  std::size_t dimensions_;
};

/// Instructions that count bits; all give the same numbers.
enum class PopcountInstructions { kPlain, kAvx2, kAvx512Vpopcntdq };

/// The widest that this processor has.
PopcountInstructions widest_popcount_instructions();

/// scores[i] = d - 2 * the number of bits in which `query` and row number `numbers`[i] differ. Rows to come are
/// prefetched.
/// @param rows  n rows as written by SignQuantiser
/// REQUIRES: scores.size() == numbers.size(), all of `numbers` below n; the processor has `instructions`
void score_rows(const SignQuery& query, const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
                std::span<std::int32_t> scores, PopcountInstructions instructions = widest_popcount_instructions());

}  // namespace vecterm
