// SPDX-License-Identifier: GPL-2.0-or-later
// Tests int8_kernels.cc, too.
#include "analyzers/rows/kernels.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/support/support.h"

namespace {

std::vector<float> wild_floats(std::size_t n, std::uint32_t state) {
  std::vector<float> values(n);
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = std::ldexp(static_cast<float>(state >> 8) - 8388608.0F, -20 - static_cast<int>(state % 11U));
  }
  return values;
}

float naive_product(const float* a, const float* b, std::size_t n) {
  volatile float sum = 0;  // keeps the compiler from reordering the reference itself
  for (std::size_t i = 0; i < n; ++i) {
    volatile float product = a[i] * b[i];
    sum = sum + product;
  }
  return sum;
}

TEST_CASE("Packed rows give the bits of the scalar loop for every size") {
  for (const std::size_t dimensions : {1UL, 2UL, 3UL, 7UL, 16UL, 25UL, 64UL, 100UL, 301UL})
    for (const std::size_t rows : {1UL, 2UL, 15UL, 16UL, 17UL, 63UL, 64UL, 65UL, 127UL, 200UL}) {
      CAPTURE(dimensions);
      CAPTURE(rows);
      const auto matrix = wild_floats(rows * dimensions, 7);
      const auto vector = wild_floats(dimensions, 11);
      const vecterm::PackedRows packed(matrix, dimensions);
      REQUIRE(packed.rows() == rows);
      REQUIRE(packed.dimensions() == dimensions);
      std::vector<float> products(rows + 1, 42.0F);
      packed.products(vector, std::span(products).first(rows));
      std::size_t different = 0;
      for (std::size_t r = 0; r < rows; ++r)
        different += std::bit_cast<std::uint32_t>(products[r]) !=
                     std::bit_cast<std::uint32_t>(naive_product(&matrix[r * dimensions], vector.data(), dimensions));
      CHECK(different == 0);
      CHECK(products[rows] == 42.0F);
    }
}

TEST_CASE("Packed rows without a row give no products") {
  const vecterm::PackedRows packed({}, 8);
  CHECK(packed.rows() == 0);
  packed.products(wild_floats(8, 1), {});
}

}  // namespace
