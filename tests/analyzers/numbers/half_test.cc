// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/numbers/half.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace vecterm;

TEST_CASE("every half comes back from the float that it stands for") {
  for (std::uint32_t half = 0; half < 1U << 16U; ++half) {
    const float value = float_of_half(static_cast<std::uint16_t>(half));
    if (std::isnan(value))
      CHECK(half_of_float(value) == ((half & 0x8000U) | 0x7e00U));
    else
      CHECK(half_of_float(value) == half);
  }
}

TEST_CASE("halves have the values of IEEE 754 binary16") {
  CHECK(float_of_half(0x0000) == 0);
  CHECK(std::signbit(float_of_half(0x8000)));
  CHECK(float_of_half(0x3c00) == 1);
  CHECK(float_of_half(0xc000) == -2);
  CHECK(float_of_half(0x3555) == 0.333251953125F);
  CHECK(float_of_half(0x7bff) == 65504);
  CHECK(float_of_half(0x0400) == std::ldexp(1.0F, -14));
  CHECK(float_of_half(0x0001) == std::ldexp(1.0F, -24));
  CHECK(float_of_half(0x03ff) == std::ldexp(1023.0F, -24));
  CHECK(std::isinf(float_of_half(0x7c00)));
  CHECK(std::isnan(float_of_half(0x7c01)));
}

TEST_CASE("a float becomes the nearest half, of two as near the even one") {
  for (std::uint32_t half = 0; half + 1 < 0x7c00U; ++half) {
    const float below = float_of_half(static_cast<std::uint16_t>(half));
    const float above = float_of_half(static_cast<std::uint16_t>(half + 1));
    const float middle = (below + above) / 2;
    CHECK(half_of_float(middle) == half + (half & 1U));
    CHECK(half_of_float(std::nextafter(middle, 0.0F)) == half);
    CHECK(half_of_float(std::nextafter(middle, above)) == half + 1);
    CHECK(half_of_float(-middle) == (0x8000U | (half + (half & 1U))));
  }
  CHECK(half_of_float(std::nextafter(65520.0F, 0.0F)) == 0x7bff);
  CHECK(half_of_float(65520) == 0x7c00);
  CHECK(half_of_float(-std::numeric_limits<float>::max()) == 0xfc00);
  CHECK(half_of_float(std::numeric_limits<float>::denorm_min()) == 0);
}
