// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <bit>
#include <cstring>

#include "analyzers/numbers/half.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/rows/simd.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define VECTERM_X86 1
#include <immintrin.h>
#endif

// Kernels by hand, picked by a function pointer rather than by the loader, so that the sanitizers see them too.
namespace vecterm {
namespace {

constexpr std::size_t kBlock = PackedInt8Rows::kBlock;
constexpr std::size_t kBlockQuad = 4 * kBlock;  // bytes of one block's four dimensions
constexpr std::size_t kProductLanes = 16;
constexpr float kMostInt8 = 127;
constexpr std::size_t kAhead = 4;  // rows fetched before their turn
constexpr std::size_t kLine = 16;  // floats of a cache line

void plain_products(const std::int8_t* numbers, const std::int32_t* /*offsets*/, const std::int8_t* vector,
                    std::size_t quads, std::size_t count, std::int32_t* out) {
  for (std::size_t block = 0; block < count; ++block, out += kBlock) {
    std::fill_n(out, kBlock, 0);
    for (std::size_t quad = 0; quad < quads; ++quad, numbers += kBlockQuad)
      for (std::size_t i = 0; i < kBlockQuad; ++i) out[i / 4] += numbers[i] * vector[4 * quad + i % 4];
  }
}

#ifdef VECTERM_X86

__attribute__((target("avx2"))) void avx2_products(const std::int8_t* numbers, const std::int32_t* /*offsets*/,
                                                   const std::int8_t* vector, std::size_t quads, std::size_t count,
                                                   std::int32_t* out) {
  for (std::size_t block = 0; block < count; ++block, out += kBlock) {
    __m256i sums[4] = {};  // of four rows each, two a row
    for (std::size_t quad = 0; quad < quads; ++quad, numbers += kBlockQuad) {
      std::int32_t four;
      std::memcpy(&four, vector + 4 * quad, sizeof four);
      const __m256i factors = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(four)));
      for (int i = 0; i < 4; ++i) {
        const __m128i stored = _mm_load_si128(reinterpret_cast<const __m128i*>(numbers) + i);
        sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(_mm256_cvtepi8_epi16(stored), factors));
      }
    }
    for (int i = 0; i < 2; ++i)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out) + i,
                          _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[2 * i], sums[2 * i + 1]), 0xd8));
  }
}

// kWide blocks at once, because vpdpbusd takes several cycles but starts twice a cycle.
template <std::size_t kWide>
__attribute__((target("avx512f,avx512vnni"))) inline void vnni_blocks(const std::int8_t* numbers,
                                                                      const std::int32_t* offsets,
                                                                      const std::int8_t* vector, std::size_t quads,
                                                                      std::int32_t* out) {
  __m512i sums[kWide];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kWide; ++i) sums[i] = _mm512_loadu_si512(offsets + i * kBlock);
  for (std::size_t quad = 0; quad < quads; ++quad, numbers += kBlockQuad) {
    std::uint32_t four;
    std::memcpy(&four, vector + 4 * quad, sizeof four);
    const __m512i factors = _mm512_set1_epi32(static_cast<int>(four ^ 0x80808080U));  // + 128 each
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kWide; ++i) {
      const std::int8_t* block = numbers + i * quads * kBlockQuad;
      if constexpr (kWide > 1) __builtin_prefetch(block + kWide * quads * kBlockQuad);
      sums[i] = _mm512_dpbusd_epi32(sums[i], factors, _mm512_load_si512(block));
    }
  }
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kWide; ++i) _mm512_storeu_si512(out + i * kBlock, sums[i]);
}

__attribute__((target("avx512f,avx512vnni"))) void vnni_products(const std::int8_t* numbers,
                                                                 const std::int32_t* offsets, const std::int8_t* vector,
                                                                 std::size_t quads, std::size_t count,
                                                                 std::int32_t* out) {
  constexpr std::size_t kWide = 8;
  std::size_t block = 0;
  for (; block + kWide <= count; block += kWide)
    vnni_blocks<kWide>(numbers + block * quads * kBlockQuad, offsets + block * kBlock, vector, quads,
                       out + block * kBlock);
  for (; block < count; ++block)
    vnni_blocks<1>(numbers + block * quads * kBlockQuad, offsets + block * kBlock, vector, quads, out + block * kBlock);
}

// Bit i: numbers[i] >= threshold.
__attribute__((target("avx2"))) std::uint64_t avx2_reached(const std::int32_t* numbers, std::int32_t threshold) {
  const __m256i bound = _mm256_set1_epi32(threshold);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers) + i);
    const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(bound, eight)));
    below |= static_cast<std::uint64_t>(static_cast<unsigned>(mask)) << (8 * i);
  }
  return ~below;
}

__attribute__((target("avx512f"))) std::uint64_t avx512_reached(const std::int32_t* numbers, std::int32_t threshold) {
  const __m512i bound = _mm512_set1_epi32(threshold);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i)
    bits |= static_cast<std::uint64_t>(_mm512_cmpge_epi32_mask(_mm512_loadu_si512(numbers + 16 * i), bound))
            << (16 * i);
  return bits;
}

#endif

std::uint64_t plain_reached(const std::int32_t* numbers, std::int32_t threshold) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 64; ++i) bits |= std::uint64_t{numbers[i] >= threshold} << i;
  return bits;
}

using Reached = std::uint64_t (*)(const std::int32_t* numbers, std::int32_t threshold);

Reached reached_for(IntegerInstructions instructions) {
#ifdef VECTERM_X86
  if (instructions == IntegerInstructions::kAvx512Vnni) return avx512_reached;
  if (instructions == IntegerInstructions::kAvx2) return avx2_reached;
#else
  static_cast<void>(instructions);
#endif
  return plain_reached;
}

#ifdef VECTERM_X86

__attribute__((target("avx2,f16c"))) std::size_t convert_halves(const char* bytes, std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 2 * i))));
  return i;
}

#endif

PackedInt8Rows::Kernel kernel_for(IntegerInstructions instructions) {
#ifdef VECTERM_X86
  if (instructions == IntegerInstructions::kAvx512Vnni) return vnni_products;
  if (instructions == IntegerInstructions::kAvx2) return avx2_products;
#else
  static_cast<void>(instructions);
#endif
  return plain_products;
}

// largest[i] = the largest of numbers[i], numbers[i + columns], ...; columns divides the size.
VECTERM_SIMD void column_maxima(const std::int32_t* numbers, std::size_t size, std::size_t columns,
                                std::int32_t* largest) {
  std::copy_n(numbers, columns, largest);
  for (std::size_t row = columns; row < size; row += columns)
    for (std::size_t i = 0; i < columns; ++i) largest[i] = std::max(largest[i], numbers[row + i]);
}

VECTERM_SIMD std::size_t count_reaching(const std::int32_t* numbers, std::size_t size, std::int32_t threshold) {
  std::int32_t count = 0;
  for (std::size_t i = 0; i < size; ++i) count += numbers[i] >= threshold ? 1 : 0;
  return static_cast<std::size_t>(count);
}

struct Bounds {
  std::int32_t least = INT32_MAX;
  std::int32_t most = INT32_MIN;
};

VECTERM_SIMD Bounds bounds_of(const std::int32_t* numbers, std::size_t size) {
  Bounds bounds;
  for (std::size_t i = 0; i < size; ++i) {
    bounds.least = std::min(bounds.least, numbers[i]);
    bounds.most = std::max(bounds.most, numbers[i]);
  }
  return bounds;
}

// A number that at least `count` of `numbers` reach (all, where they are fewer) and not many more, by bisection.
std::int32_t reached_by(std::span<const std::int32_t> numbers, std::size_t count) {
  const Bounds bounds = bounds_of(numbers.data(), numbers.size());
  std::int64_t low = bounds.least;
  std::int64_t high = std::int64_t{bounds.most} + 1;
  const std::size_t enough = count + count / 8;
  for (std::size_t reaching = numbers.size(); reaching > enough && high - low > 1;) {
    const std::int64_t middle = low + (high - low) / 2;
    const std::size_t at_middle = count_reaching(numbers.data(), numbers.size(), static_cast<std::int32_t>(middle));
    if (at_middle < count) {
      high = middle;
    } else {
      low = middle;
      reaching = at_middle;
    }
  }
  return static_cast<std::int32_t>(low);
}

}  // namespace

IntegerInstructions widest_integer_instructions() {
#ifdef VECTERM_X86
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni"))
    return IntegerInstructions::kAvx512Vnni;
  if (__builtin_cpu_supports("avx2")) return IntegerInstructions::kAvx2;
#endif
  return IntegerInstructions::kPlain;
}

PackedInt8Rows::PackedInt8Rows(std::span<const std::int8_t> rows_row_major, std::size_t dimensions,
                               IntegerInstructions instructions)
    : rows_(rows_row_major.size() / dimensions),
      quads_((dimensions + 3) / 4),
      kernel_(kernel_for(instructions)),
      lanes_(blocks() * quads_),
      offsets_(blocks() * kBlock) {
  for (std::size_t r = 0; r < rows_; ++r)
    for (std::size_t i = 0; i < dimensions; ++i) {
      const std::int8_t value = rows_row_major[r * dimensions + i];
      lanes_[r / kBlock * quads_ + i / 4].values[r % kBlock * 4 + i % 4] = value;
      offsets_[r] -= 128 * value;
    }
}

void PackedInt8Rows::products(std::span<const std::int8_t> vector, std::size_t first_block,
                              std::span<std::int32_t> out) const {
  if (out.empty()) return;
  kernel_(lanes_[first_block * quads_].values, &offsets_[first_block * kBlock], vector.data(), quads_,
          out.size() / kBlock, out.data());
}

void halves_to_floats(std::string_view bytes, std::span<float> out) {
  std::size_t done = 0;
#ifdef VECTERM_X86
#if defined(__clang__) && __clang_major__ < 16
  constexpr bool by_hardware = false;  // older ones cannot ask for f16c
#else
  static const bool by_hardware = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
#endif
  if (by_hardware) done = convert_halves(bytes.data(), out.size(), out.data());
#endif
  for (; done < out.size(); ++done) out[done] = float_of_half(number_at<std::uint16_t>(bytes, 2 * done));
}

VECTERM_SIMD void lane_products(std::span<const float> vector, std::span<const float> matrix,
                                std::span<const std::uint32_t> which, std::span<float> out) {
  const std::size_t d = vector.size();
  for (std::size_t k = 0; k < which.size(); ++k) {
    const float* row = matrix.data() + which[k] * d;
    if (k + kAhead < which.size())
      for (std::size_t j = 0; j < d; j += kLine) __builtin_prefetch(matrix.data() + which[k + kAhead] * d + j);
    double sums[kProductLanes] = {};
    std::size_t i = 0;
    for (; i + kProductLanes <= d; i += kProductLanes)
      for (std::size_t j = 0; j < kProductLanes; ++j)
        sums[j] += static_cast<double>(vector[i + j]) * static_cast<double>(row[i + j]);
    for (std::size_t j = 0; i + j < d; ++j)
      sums[j] += static_cast<double>(vector[i + j]) * static_cast<double>(row[i + j]);
    for (std::size_t j = 0; j < 8; ++j) sums[j] += sums[j + 8];
    for (std::size_t j = 0; j < 4; ++j) sums[j] += sums[j + 4];
    for (std::size_t j = 0; j < 2; ++j) sums[j] += sums[j + 2];
    out[k] = static_cast<float>(sums[0] + sums[1]);
  }
}

VECTERM_SIMD float largest_magnitude(std::span<const float> values) {
  std::int32_t largest = 0;  // as bits, which order like the magnitudes and are compared in any order
  for (const float value : values) largest = std::max(largest, std::bit_cast<std::int32_t>(value) & INT32_MAX);
  return std::bit_cast<float>(largest);
}

VECTERM_SIMD void to_int8(std::span<const float> values, float factor, std::int8_t* out) {
  constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding and taking it off leaves a whole number
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float bounded = std::min(std::max(-kMostInt8, values[i] * factor), kMostInt8);  // in this order NaN is -127
    out[i] = static_cast<std::int8_t>(static_cast<std::int32_t>(bounded + kRounder - kRounder));
  }
}

void positions_of_largest(std::span<const std::int32_t> numbers, std::size_t count, std::vector<std::int32_t>& scratch,
                          std::vector<std::uint32_t>& out) {
  out.clear();
  if (count == 0 || numbers.empty()) return;
  // The count-th largest of the maxima of disjoint columns is reached by at least `count` numbers, and by few more
  // where there are several times as many columns.
  const std::size_t columns = std::bit_ceil(std::max<std::size_t>(64, 4 * std::min(count, numbers.size())));
  const std::size_t whole = numbers.size() / columns * columns;
  if (whole > columns) {
    scratch.resize(columns);
    column_maxima(numbers.data(), whole, columns, scratch.data());
  } else {
    scratch.assign(numbers.begin(), numbers.end());
  }
  const std::int32_t threshold = reached_by(scratch, count);
  static const Reached reached = reached_for(widest_integer_instructions());
  std::size_t first = 0;
  for (; first + 64 <= numbers.size(); first += 64)
    for (std::uint64_t bits = reached(&numbers[first], threshold); bits != 0; bits &= bits - 1)
      out.push_back(static_cast<std::uint32_t>(first + static_cast<std::size_t>(std::countr_zero(bits))));
  for (; first < numbers.size(); ++first)
    if (numbers[first] >= threshold) out.push_back(static_cast<std::uint32_t>(first));
}

}  // namespace vecterm
