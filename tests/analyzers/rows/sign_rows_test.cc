// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/sign_rows.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>

#include "analyzers/rows/first_pass.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kSizes[] = {1, 8, 63, 64, 65, 100, 256, 320, 512, 513, 1000, 1024, 4096};  // dimensions

std::vector<std::uint32_t> numbers_to(std::size_t n) {
  std::vector<std::uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

// What a score says, by its definition.
std::int32_t plain_score(const SignQuery& query, const std::uint8_t* row) {
  std::int32_t distance = 0;
  for (std::size_t bit = 0; bit < 64 * query.bits.size(); ++bit)
    distance += (query.bits[bit / 64] >> bit % 64 & 1U) != (row[bit / 8] >> bit % 8 & 1U) ? 1 : 0;
  return static_cast<std::int32_t>(query.dimensions) - 2 * distance;
}

std::vector<float> decoded(std::span<const float> unit) {
  std::string row;
  append_row(VectorCodec::kSignBits, unit, row);
  std::vector<float> back(unit.size());
  decode_row(VectorCodec::kSignBits, row, back);
  return back;
}

}  // namespace

TEST_CASE("all instruction sets count the bits of a plain loop, on any bytes") {
  test::Random random(8);
  constexpr std::size_t kRows = 101;
  for (const std::size_t d : kSizes) {
    CAPTURE(d);
    const SignQuantiser quantiser(d);
    const std::size_t bytes = quantiser.row_bytes();
    std::vector<std::uint8_t> rows(kRows * bytes);
    for (std::uint8_t& byte : rows) byte = static_cast<std::uint8_t>(random.below(256));
    const SignQuery query = quantiser.query(random.unit(d));
    // The least and the largest distance.
    for (std::size_t i = 0; i < bytes; ++i) {
      rows[i] = static_cast<std::uint8_t>(query.bits[i / 8] >> 8 * (i % 8));
      rows[bytes + i] = static_cast<std::uint8_t>(~rows[i]);
    }
    auto numbers = numbers_to(kRows);
    std::ranges::reverse(numbers);
    numbers.push_back(5);
    for (const auto instructions :
         {PopcountInstructions::kPlain, PopcountInstructions::kAvx2, PopcountInstructions::kAvx512Vpopcntdq}) {
      if (instructions > widest_popcount_instructions()) continue;
      for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, numbers.size()}) {
        std::vector<std::int32_t> scores(count);
        score_rows(query, rows.data(), std::span(numbers).first(count), scores, instructions);
        for (std::size_t i = 0; i < count; ++i) CHECK(scores[i] == plain_score(query, &rows[numbers[i] * bytes]));
      }
    }
  }
}

TEST_CASE("a row begins with the slot's, and a score is d times the product of both sides' sign bits") {
  test::Random random(9);
  for (const std::size_t d : kSizes) {
    CAPTURE(d);
    const FirstPass first_pass(VectorCodec::kSignBits, std::vector<float>(d, 0.02F));
    REQUIRE(first_pass.row_bytes() == (d + 63) / 64 * 8);
    for (int i = 0; i < 20; ++i) {
      const std::vector<float> unit = random.unit(d);
      std::string slot;
      append_row(VectorCodec::kSignBits, unit, slot);
      std::vector<std::uint8_t> row(first_pass.row_bytes(), 0xff);
      first_pass.quantise(decoded(unit), row);
      CHECK(std::equal(slot.begin(), slot.end(), row.begin(),
                       [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
      CHECK(std::all_of(row.begin() + static_cast<std::ptrdiff_t>(slot.size()), row.end(),
                        [](std::uint8_t byte) { return byte == 0; }));
      const std::vector<float> query = random.unit(d);
      std::int32_t score = 0;
      first_pass.query(query).score(row.data(), numbers_to(1), std::span(&score, 1));
      const double product = static_cast<double>(dot(decoded(query), decoded(unit)));
      CHECK(score == doctest::Approx(product * static_cast<double>(d)).epsilon(1e-5));
    }
  }
}

TEST_CASE("a score of sign bits stands for about the cosine") {
  test::Random random(10);
  constexpr std::size_t kDimensions = 1024;
  const FirstPass first_pass(VectorCodec::kSignBits, std::vector<float>(kDimensions));
  for (double cosine = -1; cosine <= 1; cosine += 0.125) {
    const std::vector<float> unit = random.unit(kDimensions);
    const std::vector<float> other = random.unit(kDimensions);
    std::vector<float> query(kDimensions);
    for (std::size_t i = 0; i < kDimensions; ++i)
      query[i] = static_cast<float>(cosine * static_cast<double>(unit[i]) +
                                    std::sqrt(1 - cosine * cosine) * static_cast<double>(other[i]));
    std::vector<std::uint8_t> row(first_pass.row_bytes());
    first_pass.quantise(decoded(unit), row);
    std::int32_t score = 0;
    first_pass.query(query).score(row.data(), numbers_to(1), std::span(&score, 1));
    // 5 standard deviations of the angle, and what two random vectors of this size differ from a right one.
    CHECK(std::abs(first_pass.query(query).cosine(score) - cosine) < 5 * 1.57 / 32 + 3.0 / 32);
  }
}

TEST_CASE("a first pass over sign bits has the nearest stored vectors among those that are compared") {
  test::Random random(11);
  constexpr std::size_t kRows = 5000;
  constexpr std::size_t kQueries = 50;
  for (const std::size_t d : {std::size_t{256}, std::size_t{512}}) {
    const FirstPass first_pass(VectorCodec::kSignBits, std::vector<float>(d));
    std::vector<std::uint8_t> rows(kRows * first_pass.row_bytes());
    std::vector<float> stored;
    for (std::size_t i = 0; i < kRows; ++i) {
      const std::vector<float> row = decoded(random.unit(d));
      first_pass.quantise(row, std::span(rows).subspan(i * first_pass.row_bytes(), first_pass.row_bytes()));
      stored.insert(stored.end(), row.begin(), row.end());
    }
    std::size_t found = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::vector<float> unit = random.unit(d);
      std::vector<std::int32_t> scores(kRows);
      first_pass.query(unit).score(rows.data(), numbers_to(kRows), scores);
      std::vector<float> cosines(kRows);
      for (std::size_t i = 0; i < kRows; ++i) cosines[i] = dot(unit, std::span(stored).subspan(i * d, d));
      auto by_score = numbers_to(kRows);
      auto by_cosine = by_score;
      const auto cut = by_score.begin() + static_cast<std::ptrdiff_t>(first_pass.compared(10));
      std::ranges::nth_element(by_score, cut, std::greater(), [&](auto i) { return scores[i]; });
      std::ranges::partial_sort(by_cosine, by_cosine.begin() + 10, std::greater(), [&](auto i) { return cosines[i]; });
      for (int i = 0; i < 10; ++i) found += static_cast<std::size_t>(std::count(by_score.begin(), cut, by_cosine[i]));
    }
    // Random vectors are the hardest, as none is near: of texts nearly all are found (tests/bench/codecs).
    CHECK(static_cast<double>(found) >= 0.9 * 10 * kQueries);
  }
}
