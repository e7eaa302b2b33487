// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/int8_rows.h"

#include <algorithm>
#include <numeric>

#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::vector<std::uint32_t> numbers_to(std::size_t n) {
  std::vector<std::uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

// What a score says, by its definition.
std::int32_t plain_score(const Int8Query& query, const std::uint8_t* row) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < query.values.size(); ++i) sum += query.values[i] * row[i];
  return sum;
}

}  // namespace

TEST_CASE("all instruction sets give the scores of a plain loop, bit for bit, on any bytes") {
  test::Random random(8);
  constexpr std::size_t kRows = 101;
  for (const std::size_t bytes : {std::size_t{64}, std::size_t{128}, std::size_t{320}, std::size_t{4096}}) {
    std::vector<std::uint8_t> rows(kRows * bytes);
    for (std::uint8_t& byte : rows) byte = static_cast<std::uint8_t>(random.below(256));
    Int8Query query;
    for (std::size_t i = 0; i < bytes; ++i) query.values.push_back(static_cast<std::int8_t>(random.below(255)));
    std::fill_n(rows.begin(), bytes, std::uint8_t{255});  // the largest sums
    auto numbers = numbers_to(kRows);
    std::ranges::reverse(numbers);
    numbers.push_back(5);
    for (const auto instructions :
         {IntegerInstructions::kPlain, IntegerInstructions::kAvx2, IntegerInstructions::kAvx512Vnni}) {
      if (instructions > widest_integer_instructions()) continue;
      for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{7}, numbers.size()}) {
        std::vector<std::int32_t> scores(count);
        score_rows(query, rows.data(), std::span(numbers).first(count), scores, instructions);
        for (std::size_t i = 0; i < count; ++i) CHECK(scores[i] == plain_score(query, &rows[numbers[i] * bytes]));
      }
    }
  }
}

TEST_CASE("the first pass has the nearest vectors among its best, and a score stands for about the cosine") {
  test::Random random(9);
  constexpr std::size_t kRows = 2000;
  for (const std::size_t d : {std::size_t{16}, std::size_t{64}, std::size_t{100}}) {
    const std::vector<float> centre(d, 0.02F);
    const Int8Quantiser quantiser(centre);
    const std::vector<float> units = random.units(kRows, d);
    std::vector<std::uint8_t> rows(kRows * quantiser.row_bytes());
    for (std::size_t i = 0; i < kRows; ++i)
      quantiser.quantise(std::span(units).subspan(i * d, d),
                         std::span(rows).subspan(i * quantiser.row_bytes(), quantiser.row_bytes()));
    std::size_t found = 0;
    constexpr std::size_t kQueries = 50;
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::vector<float> unit = random.unit(d);
      const Int8Query query = quantiser.query(unit);
      std::vector<std::int32_t> scores(kRows);
      score_rows(query, rows.data(), numbers_to(kRows), scores);
      std::vector<float> cosines(kRows);
      for (std::size_t i = 0; i < kRows; ++i) {
        cosines[i] = dot(unit, std::span(units).subspan(i * d, d));
        CHECK(std::abs(query.cosine(scores[i]) - static_cast<double>(cosines[i])) < 0.03);
      }
      auto by_score = numbers_to(kRows);
      auto by_cosine = by_score;
      std::ranges::partial_sort(by_score, by_score.begin() + 40, std::greater(), [&](auto i) { return scores[i]; });
      std::ranges::partial_sort(by_cosine, by_cosine.begin() + 10, std::greater(), [&](auto i) { return cosines[i]; });
      for (int i = 0; i < 10; ++i)
        found += static_cast<std::size_t>(std::count(by_score.begin(), by_score.begin() + 40, by_cosine[i]));
    }
    CHECK(static_cast<double>(found) >= 0.998 * 10 * kQueries);
  }
}
