// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/conversion.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "analyzers/errors.h"
#include "tests/support/dictionary.h"

using namespace vecterm;
using test::Random;

namespace {

std::shared_ptr<const Dictionary> dictionary() {
  return Dictionary::parse(serialise_dictionary(test::small_contents({"apple", "pear", "plum"}, test::small_cells())));
}

}  // namespace

TEST_CASE("a converted dictionary has the first numbers of the vectors, and everything else as it was") {
  const auto whole = dictionary();
  const DictionaryContents before = whole->contents();
  const DictionaryContents after = converted(*whole, 3, VectorCodec::kFloat16);
  CHECK(after.words == before.words);
  CHECK(after.weights == before.weights);
  CHECK(after.counts == before.counts);
  CHECK(after.codec == VectorCodec::kFloat16);
  CHECK(after.hash_space == nullptr);
  REQUIRE(after.vectors.size() == 3 * after.words.size());
  for (std::size_t row = 0; row < after.words.size(); ++row)
    for (std::size_t i = 0; i < 3; ++i) CHECK(after.vectors[3 * row + i] == before.vectors[8 * row + i]);
}

TEST_CASE("a dictionary that only gets another codec keeps its hash space, so that an index can follow") {
  const auto whole = dictionary();
  const DictionaryContents after = converted(*whole, 8, VectorCodec::kInt8);
  const auto written = Dictionary::parse(serialise_dictionary(after));
  CHECK(written->hash_space().id() == whole->hash_space().id());
  CHECK(written->fingerprint() != whole->fingerprint());
}

TEST_CASE("a dictionary cannot be converted to no dimensions or to more than it has") {
  const auto whole = dictionary();
  CHECK_THROWS_WITH_AS(converted(*whole, 0, VectorCodec::kInt8),
                       "dimensions must be in [1, 8], as the dictionary has; was 0", InvalidArgument);
  CHECK_THROWS_WITH_AS(converted(*whole, 9, VectorCodec::kInt8),
                       "dimensions must be in [1, 8], as the dictionary has; was 9", InvalidArgument);
}

TEST_CASE("the same rows keep all their neighbours, and others keep what a plain sort says") {
  constexpr std::size_t kRows = 60, kNearest = 5;
  Random random(7);
  const std::vector<float> before = random.units(kRows, 12);
  const std::vector<float> after = random.units(kRows, 4);
  CHECK(kept_neighbors({before, 12}, {before, 12}, kNearest) == 1);

  const auto nearest = [](const std::vector<float>& rows, std::size_t dimensions, std::size_t row) {
    std::vector<std::pair<float, std::size_t>> order;
    for (std::size_t other = 0; other < kRows; ++other)
      order.emplace_back(-std::inner_product(rows.begin() + static_cast<std::ptrdiff_t>(row * dimensions),
                                             rows.begin() + static_cast<std::ptrdiff_t>((row + 1) * dimensions),
                                             rows.begin() + static_cast<std::ptrdiff_t>(other * dimensions), 0.0F),
                         other);
    std::ranges::sort(order);
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < kNearest; ++i) numbers.push_back(order[i].second);
    return numbers;
  };
  std::size_t kept = 0;
  for (std::size_t row = 0; row < kRows; ++row)
    for (const std::size_t number : nearest(before, 12, row))
      kept += std::ranges::count(nearest(after, 4, row), number) > 0 ? 1 : 0;
  CHECK(kept_neighbors({before, 12}, {after, 4}, kNearest) ==
        doctest::Approx(static_cast<double>(kept) / (kRows * kNearest)));
}
