// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/sign_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "analyzers/rows/small_rows.h"

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

// distances[i] = how many bits of row numbers[i] differ from the query's; a row has `words` of 64 bits.
using Counter = void (*)(const std::uint64_t* query, std::size_t words, const std::uint8_t* rows,
                         const std::uint32_t* numbers, std::size_t count, std::int32_t* distances);

inline std::uint64_t difference_at(const std::uint64_t* query, const std::uint8_t* row, std::size_t word) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, row + 8 * word, sizeof bits);
  return bits ^ query[word];
}

void plain_distances(const std::uint64_t* query, std::size_t words, const std::uint8_t* rows,
                     const std::uint32_t* numbers, std::size_t count, std::int32_t* distances) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* row = rows + 8 * words * numbers[i];
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < words; ++j) sum += std::popcount(difference_at(query, row, j));
    distances[i] = sum;
  }
}

#ifdef VECTERM_X86

constexpr std::size_t kLine = 64;   // bytes
constexpr std::size_t kAhead = 24;  ///< rows between the one that is fetched and the one that is scored

inline void fetch_row(const std::uint8_t* row, std::size_t bytes) {
  for (std::size_t byte = 0; byte < bytes; byte += kLine) __builtin_prefetch(row + byte);
}

// Counts by a table of the 16 values of half a byte (Mula, Kurz, Lemire, "Faster Population Counts Using AVX2
// Instructions", The Computer Journal, 2018).
__attribute__((target("avx2"))) inline __m256i avx2_counts(__m256i bits) {
  const __m256i table =
      _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i counts = _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(bits, low)),
                                         _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low)));
  return _mm256_sad_epu8(counts, _mm256_setzero_si256());
}

__attribute__((target("avx2,popcnt"))) std::int32_t avx2_distance(const std::uint64_t* query, std::size_t words,
                                                                  const std::uint8_t* row) {
  __m256i sums = _mm256_setzero_si256();
  std::size_t j = 0;
  for (; j + 4 <= words; j += 4) {
    const __m256i stored = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + 8 * j));
    const __m256i asked = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query + j));
    sums = _mm256_add_epi64(sums, avx2_counts(_mm256_xor_si256(stored, asked)));
  }
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  half = _mm_add_epi64(half, _mm_unpackhi_epi64(half, half));
  std::int32_t sum = _mm_cvtsi128_si32(half);
  for (; j < words; ++j) sum += __builtin_popcountll(difference_at(query, row, j));
  return sum;
}

void avx2_distances(const std::uint64_t* query, std::size_t words, const std::uint8_t* rows,
                    const std::uint32_t* numbers, std::size_t count, std::int32_t* distances) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) fetch_row(rows + 8 * words * numbers[i + kAhead], 8 * words);
    distances[i] = avx2_distance(query, words, rows + 8 * words * numbers[i]);
  }
}

__attribute__((target("avx512f,avx512vpopcntdq"))) inline __m512i popcnt_sums(const std::uint64_t* query,
                                                                              std::size_t words,
                                                                              const std::uint8_t* row) {
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t j = 0; j < words; j += 8) {
    const auto mask = static_cast<__mmask8>(words - j < 8 ? (1U << (words - j)) - 1 : 255U);
    const __m512i difference =
        _mm512_xor_si512(_mm512_maskz_loadu_epi64(mask, row + 8 * j), _mm512_maskz_loadu_epi64(mask, query + j));
    sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(difference));
  }
  return sums;
}

// Four rows at once, so that their lanes are added together.
__attribute__((target("avx512f,avx512vpopcntdq"))) void popcnt_distances(const std::uint64_t* query, std::size_t words,
                                                                         const std::uint8_t* rows,
                                                                         const std::uint32_t* numbers,
                                                                         std::size_t count, std::int32_t* distances) {
  const auto row = [=](std::size_t i) { return rows + 8 * words * numbers[i]; };
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    if (i + kAhead + 4 <= count)
      for (std::size_t j = 0; j < 4; ++j) fetch_row(row(i + kAhead + j), 8 * words);
    const __m512i a = popcnt_sums(query, words, row(i));
    const __m512i b = popcnt_sums(query, words, row(i + 1));
    const __m512i c = popcnt_sums(query, words, row(i + 2));
    const __m512i d = popcnt_sums(query, words, row(i + 3));
    const __m512i ab = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    const __m512i cd = _mm512_add_epi64(_mm512_unpacklo_epi64(c, d), _mm512_unpackhi_epi64(c, d));
    const __m512i pairs = _mm512_add_epi64(_mm512_shuffle_i64x2(ab, cd, 0x44), _mm512_shuffle_i64x2(ab, cd, 0xee));
    const __m256i all = _mm512_cvtepi64_epi32(pairs);  // a, b, a, b, c, d, c, d
    const __m128i left = _mm256_castsi256_si128(all);
    const __m128i right = _mm256_extracti128_si256(all, 1);
    const __m128i sums = _mm_add_epi32(_mm_unpacklo_epi64(left, right), _mm_unpackhi_epi64(left, right));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(distances + i), sums);
  }
  for (; i < count; ++i)
    distances[i] = static_cast<std::int32_t>(_mm512_reduce_add_epi64(popcnt_sums(query, words, row(i))));
}

#endif

Counter counter_for(PopcountInstructions instructions) {
#ifdef VECTERM_X86
  if (instructions == PopcountInstructions::kAvx512Vpopcntdq) return popcnt_distances;
  if (instructions == PopcountInstructions::kAvx2) return avx2_distances;
#else
  static_cast<void>(instructions);
#endif
  return plain_distances;
}

// The signs of each byte's bits.
constexpr std::array<std::array<float, 8>, 256> signs_of_bytes() {
  std::array<std::array<float, 8>, 256> signs{};
  for (std::size_t byte = 0; byte < signs.size(); ++byte)
    for (std::size_t bit = 0; bit < 8; ++bit) signs[byte][bit] = (byte >> bit & 1U) != 0 ? 1.0F : -1.0F;
  return signs;
}

}  // namespace

std::size_t sign_bytes(std::size_t dimensions) { return (dimensions + 7) / 8; }

void append_signs(std::span<const float> vector, std::string& out) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(vector.size());
  std::string bits(sign_bytes(vector.size()), '\0');
  for (std::size_t i = 0; i < vector.size(); ++i)
    if (static_cast<double>(vector[i]) > mean)
      bits[i / 8] = static_cast<char>(static_cast<unsigned char>(bits[i / 8]) | (1U << (i % 8)));
  out += bits;
}

void decode_signs(std::string_view row, std::span<float> out) {
  static constexpr auto kSigns = signs_of_bytes();
  const auto length = static_cast<float>(1.0 / std::sqrt(static_cast<double>(out.size())));
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const std::array<float, 8>& signs = kSigns[static_cast<unsigned char>(row[i / 8])];
    const std::size_t count = std::min<std::size_t>(8, out.size() - i);
    for (std::size_t j = 0; j < count; ++j) out[i + j] = length * signs[j];
  }
}

// The sine's Taylor series, whose bits are the same everywhere; off by .0002 at most.
double SignQuery::cosine(std::int32_t score) const {
  const double share = static_cast<double>(score) / static_cast<double>(dimensions);
  const double square = share * share;
  return share * (1.5707963 + square * (-0.6459641 + square * (0.0796926 - 0.0046818 * square)));
}

void SignQuantiser::quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const {
  std::ranges::fill(row, std::uint8_t{0});
  for (std::size_t i = 0; i < decoded.size(); ++i)
    row[i / 8] = static_cast<std::uint8_t>(row[i / 8] | (decoded[i] > 0 ? 1U : 0U) << (i % 8));
}

SignQuery SignQuantiser::query(std::span<const float> unit) const {
  std::string row;
  append_signs(unit, row);
  SignQuery query{.bits = std::vector<std::uint64_t>(row_bytes() / 8), .dimensions = dimensions_};
  std::memcpy(query.bits.data(), row.data(), row.size());
  return query;
}

std::size_t SignQuantiser::compared(std::size_t wanted) const {
  return std::max(few_compared(wanted), 10 * (wanted + 10) * 256 / (8 * row_bytes()));
}

PopcountInstructions widest_popcount_instructions() {
#ifdef VECTERM_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
    return PopcountInstructions::kAvx512Vpopcntdq;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) return PopcountInstructions::kAvx2;
#endif
  return PopcountInstructions::kPlain;
}

void score_rows(const SignQuery& query, const std::uint8_t* rows, std::span<const std::uint32_t> numbers,
                std::span<std::int32_t> scores, PopcountInstructions instructions) {
  counter_for(instructions)(query.bits.data(), query.bits.size(), rows, numbers.data(), numbers.size(), scores.data());
  const auto dimensions = static_cast<std::int32_t>(query.dimensions);
  for (std::int32_t& score : scores) score = dimensions - 2 * score;
}

}  // namespace vecterm
