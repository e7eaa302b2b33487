// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/int8_rows.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__) && defined(__GNUC__)
#define VECTERM_X86 1
#include <immintrin.h>
// GCC 12 takes the undefined operands inside its own AVX-512 intrinsics for uses (its bug 105593).
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#endif

namespace vecterm {
namespace {

constexpr std::size_t kLine = 64;
constexpr int kBias = 128;
constexpr float kMost = 127;
constexpr float kCutInDeviations = 4;

using Scorer = void (*)(const std::int8_t* query, std::size_t bytes, const std::uint8_t* rows,
                        const std::uint32_t* numbers, std::size_t count, std::int32_t* scores);

void plain_scores(const std::int8_t* query, std::size_t bytes, const std::uint8_t* rows, const std::uint32_t* numbers,
                  std::size_t count, std::int32_t* scores) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* row = rows + numbers[i] * bytes;
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < bytes; ++j) sum += row[j] * query[j];
    scores[i] = sum;
  }
}

#ifdef VECTERM_X86

constexpr std::size_t kAhead = 24;  ///< rows between the one that is fetched and the one that is scored

inline void fetch_row(const std::uint8_t* row, std::size_t bytes) {
  for (std::size_t line = 0; line < bytes; line += kLine) __builtin_prefetch(row + line);
}

__attribute__((target("avx2"))) std::int32_t avx2_score(const std::int8_t* query, std::size_t bytes,
                                                        const std::uint8_t* row) {
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t j = 0; j < bytes; j += 16) {
    const __m128i stored = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + j));
    const __m128i factors = _mm_loadu_si128(reinterpret_cast<const __m128i*>(query + j));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_cvtepu8_epi16(stored), _mm256_cvtepi8_epi16(factors)));
  }
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return _mm_cvtsi128_si32(half);
}

void avx2_scores(const std::int8_t* query, std::size_t bytes, const std::uint8_t* rows, const std::uint32_t* numbers,
                 std::size_t count, std::int32_t* scores) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) fetch_row(rows + numbers[i + kAhead] * bytes, bytes);
    scores[i] = avx2_score(query, bytes, rows + numbers[i] * bytes);
  }
}

__attribute__((target("avx512f,avx512vnni"))) inline __m512i vnni_sums(const std::int8_t* query, std::size_t bytes,
                                                                       const std::uint8_t* row) {
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t j = 0; j < bytes; j += kLine)
    sums = _mm512_dpbusd_epi32(sums, _mm512_loadu_si512(row + j), _mm512_loadu_si512(query + j));
  return sums;
}

// Four rows at once, so that their lanes are added together.
__attribute__((target("avx512f,avx512vnni"))) void vnni_scores(const std::int8_t* query, std::size_t bytes,
                                                               const std::uint8_t* rows, const std::uint32_t* numbers,
                                                               std::size_t count, std::int32_t* scores) {
  const auto row = [=](std::size_t i) { return rows + numbers[i] * bytes; };
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    if (i + kAhead + 4 <= count)
      for (std::size_t j = 0; j < 4; ++j) fetch_row(row(i + kAhead + j), bytes);
    const __m512i a = vnni_sums(query, bytes, row(i));
    const __m512i b = vnni_sums(query, bytes, row(i + 1));
    const __m512i c = vnni_sums(query, bytes, row(i + 2));
    const __m512i d = vnni_sums(query, bytes, row(i + 3));
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    const __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(scores + i), sums);
  }
  for (; i < count; ++i) scores[i] = _mm512_reduce_add_epi32(vnni_sums(query, bytes, row(i)));
}

#endif

Scorer scorer_for(IntegerInstructions instructions) {
#ifdef VECTERM_X86
  if (instructions == IntegerInstructions::kAvx512Vnni) return vnni_scores;
  if (instructions == IntegerInstructions::kAvx2) return avx2_scores;
#else
  static_cast<void>(instructions);
#endif
  return plain_scores;
}

}  // namespace

Int8Quantiser::Int8Quantiser(std::span<const float> centre)
    : centre_(centre.begin(), centre.end()),
      factor_(kMost * static_cast<float>(std::sqrt(static_cast<double>(centre.size()))) / kCutInDeviations) {}

void Int8Quantiser::quantise(std::span<const float> unit, std::span<std::uint8_t> row) const {
  thread_local std::vector<float> offsets;
  offsets.resize(unit.size());
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const float offset = unit[i] - centre_[i];
    offsets[i] = std::isfinite(offset) ? offset : 0.0F;  // of a damaged row
  }
  to_int8(offsets, factor_, reinterpret_cast<std::int8_t*>(row.data()));
  for (std::size_t i = 0; i < unit.size(); ++i) row[i] = static_cast<std::uint8_t>(row[i] ^ kBias);
  std::fill(row.begin() + static_cast<std::ptrdiff_t>(unit.size()), row.end(), std::uint8_t{0});
}

Int8Query Int8Quantiser::query(std::span<const float> unit) const {
  Int8Query query{.values = std::vector<std::int8_t>(row_bytes())};
  const float largest = largest_magnitude(unit);
  if (!(largest > 0)) return query;
  to_int8(unit, kMost / largest, query.values.data());
  query.step = static_cast<double>(largest) / static_cast<double>(kMost) / static_cast<double>(factor_);
  double sum = 0;
  for (const std::int8_t value : query.values) sum += value;
  query.offset = -kBias * sum * query.step;
  for (std::size_t i = 0; i < unit.size(); ++i)
    query.offset += static_cast<double>(unit[i]) * static_cast<double>(centre_[i]);
  return query;
}

void score_rows(const Int8Query& query, const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
                std::span<std::int32_t> scores, IntegerInstructions instructions) {
  scorer_for(instructions)(query.values.data(), query.values.size(), rows, numbers.data(), numbers.size(),
                           scores.data());
}

}  // namespace vecterm
