// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "kernels.h"
#include "simd.h"

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
    for (std::size_t i = 0; i < kWide; ++i)
      sums[i] = _mm512_dpbusd_epi32(sums[i], factors, _mm512_load_si512(numbers + i * quads * kBlockQuad));
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

// Bit i: numbers[i] >= threshold.
VECTERM_SIMD std::uint64_t reached(const std::int32_t* numbers, std::int32_t threshold) {
  std::uint8_t flags[64];
  for (std::size_t i = 0; i < 64; ++i) flags[i] = numbers[i] >= threshold ? 1 : 0;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t eight;
    std::memcpy(&eight, flags + 8 * i, sizeof eight);
    bits |= (eight * 0x0102040810204080U) >> 56U << (8 * i);  // the lowest bits of eight bytes, side by side
  }
  return bits;
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

VECTERM_SIMD void lane_products(std::span<const float> vector, std::span<const float> matrix,
                                std::span<const std::uint32_t> which, std::span<float> out) {
  const std::size_t d = vector.size();
  for (std::size_t k = 0; k < which.size(); ++k) {
    const float* row = matrix.data() + which[k] * d;
    double sums[kProductLanes] = {};
    std::size_t i = 0;
    for (; i + kProductLanes <= d; i += kProductLanes)
      for (std::size_t j = 0; j < kProductLanes; ++j)
        sums[j] += static_cast<double>(vector[i + j]) * static_cast<double>(row[i + j]);
    for (std::size_t j = 0; i + j < d; ++j)
      sums[j] += static_cast<double>(vector[i + j]) * static_cast<double>(row[i + j]);
    for (std::size_t half = kProductLanes / 2; half != 0; half /= 2)
      for (std::size_t j = 0; j < half; ++j) sums[j] += sums[j + half];
    out[k] = static_cast<float>(sums[0]);
  }
}

void positions_of_largest(std::span<const std::int32_t> numbers, std::size_t count, std::vector<std::int32_t>& scratch,
                          std::vector<std::uint32_t>& out) {
  out.clear();
  if (count == 0 || numbers.empty()) return;
  // The count-th largest of the maxima of disjoint columns is reached by at least `count` numbers, and by few more
  // where there are several times as many columns.
  const std::size_t columns = std::bit_ceil(std::max<std::size_t>(64, 4 * std::min(count, numbers.size())));
  std::int32_t threshold = INT32_MIN;
  const std::size_t whole = numbers.size() / columns * columns;
  if (whole > columns) {
    scratch.resize(columns);
    column_maxima(numbers.data(), whole, columns, scratch.data());
  } else {
    scratch.assign(numbers.begin(), numbers.end());
  }
  if (count < scratch.size()) {
    const auto nth = scratch.begin() + static_cast<std::ptrdiff_t>(count - 1);
    std::nth_element(scratch.begin(), nth, scratch.end(), std::greater<>());
    threshold = *nth;
  }
  std::size_t first = 0;
  for (; first + 64 <= numbers.size(); first += 64)
    for (std::uint64_t bits = reached(&numbers[first], threshold); bits != 0; bits &= bits - 1)
      out.push_back(static_cast<std::uint32_t>(first + static_cast<std::size_t>(std::countr_zero(bits))));
  for (; first < numbers.size(); ++first)
    if (numbers[first] >= threshold) out.push_back(static_cast<std::uint32_t>(first));
}

}  // namespace vecterm
