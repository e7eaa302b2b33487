// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/numbers/portable_exp.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "analyzers/rows/simd.h"

namespace vecterm {
namespace {

// e^x = 2^n e^r with |r| <= ln 2 / 2; e^r by its series, which is exact to a float's precision after r^7.
VECTERM_SIMD void exponentials(float* values, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const float x = values[i] < -87.0F ? -87.0F : values[i];
    const auto power = static_cast<std::int32_t>(x * 1.44269504F - 0.5F);
    const float whole = static_cast<float>(power);
    const float r = (x - whole * 0.693359375F) + whole * 2.12194440e-4F;  // ln 2 in two parts
    float series = 1.0F / 5040;
    series = series * r + 1.0F / 720;
    series = series * r + 1.0F / 120;
    series = series * r + 1.0F / 24;
    series = series * r + 1.0F / 6;
    series = series * r + 0.5F;
    series = series * r * r + r + 1.0F;
    const std::int32_t bits = (power + 127) << 23;
    float scale;
    std::memcpy(&scale, &bits, sizeof scale);
    values[i] = values[i] < -87.0F ? 0.0F : series * scale;
  }
}

}  // namespace

void portable_exp(std::span<float> values) { exponentials(values.data(), values.size()); }

}  // namespace vecterm
