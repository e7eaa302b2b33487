// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstdint>

/// Numbers of 16 bits (IEEE 754 binary16): a sign, 5 bits of exponent, 10 of the fraction.
namespace vecterm {

/// Exact. NaN stays NaN.
inline float float_of_half(std::uint16_t half) {
  constexpr std::uint32_t kExponent = 0x7c00U << 13U;
  std::uint32_t bits = (half & 0x7fffU) << 13U;
  const std::uint32_t exponent = bits & kExponent;
  bits += (127U - 15U) << 23U;
  if (exponent == kExponent) {  // infinity, NaN
    bits += (128U - 16U) << 23U;
  } else if (exponent == 0) {  // zero, subnormal: the difference of two normal numbers
    bits += 1U << 23U;
    bits = std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits) - std::bit_cast<float>(113U << 23U));
  }
  return std::bit_cast<float>(bits | (half & 0x8000U) << 16U);
}

/// The nearest, of two as near the even one; infinity from 65520 on. NaN becomes the quiet one without a payload.
inline std::uint16_t half_of_float(float value) {
  constexpr std::uint32_t kInfinity = 255U << 23U;
  constexpr std::uint32_t kTooLarge = (127U + 16U) << 23U;
  constexpr std::uint32_t kLeastNormal = 113U << 23U;
  constexpr std::uint32_t kAligner = (127U - 15U + 23U - 10U + 1U) << 23U;  // a half's last bit is the sum's
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  std::uint32_t half = 0;
  if (magnitude >= kTooLarge) {
    half = magnitude > kInfinity ? 0x7e00U : 0x7c00U;
  } else if (magnitude < kLeastNormal) {
    half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + std::bit_cast<float>(kAligner)) - kAligner;
  } else {
    const std::uint32_t odd = magnitude >> 13U & 1U;
    half = (magnitude - ((127U - 15U) << 23U) + 0xfffU + odd) >> 13U;
  }
  return static_cast<std::uint16_t>(half | (bits & 0x80000000U) >> 16U);
}

}  // namespace vecterm
