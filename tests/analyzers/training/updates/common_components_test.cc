// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/common_components.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "tests/support/corpus.h"
#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

constexpr std::size_t kWords = 60;
constexpr std::size_t kDimensions = 8;

/// Rows that share a direction.
DictionaryContents alike() {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kWords; ++i) words.push_back(fmt::format("w{}", i));
  DictionaryContents contents = test::small_contents(words, test::small_cells());
  for (std::size_t i = 0; i < kWords; ++i) contents.vectors[i * kDimensions + 2] += 3;
  return contents;
}

TrainingData documents() {
  test::Random random(7);
  TrainingData data;
  for (int i = 0; i < 200; ++i) {
    TermList terms;
    for (std::size_t word = random.below(5); word < kWords; word += 1 + random.below(15))
      terms.push_back({fmt::format("w{}", word), static_cast<std::uint32_t>(1 + random.below(3))});
    std::ranges::sort(terms, {}, &TermCount::term);
    data.add(terms);
  }
  return data;
}

/// Of two documents, and of one with itself.
double mean_cosine(const DictionaryContents& contents, const TrainingData& data) {
  const std::vector<float> units = document_vectors(contents, data, data.size());
  std::vector<double> sum(kDimensions);
  for (std::size_t i = 0; i < units.size(); ++i) sum[i % kDimensions] += double{units[i]};
  double squares = 0;
  for (const double number : sum) squares += number * number;
  const auto count = static_cast<double>(units.size() / kDimensions);
  return squares / (count * count);
}

std::size_t rank_of(const DictionaryContents& contents) {
  std::size_t rank = 0;
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < kWords; ++i) {
    std::vector<double> row(contents.vectors.begin() + static_cast<std::ptrdiff_t>(i * kDimensions),
                            contents.vectors.begin() + static_cast<std::ptrdiff_t>((i + 1) * kDimensions));
    for (const auto& other : rows) {
      double product = 0;
      for (std::size_t j = 0; j < kDimensions; ++j) product += row[j] * other[j];
      for (std::size_t j = 0; j < kDimensions; ++j) row[j] -= product * other[j];
    }
    double squares = 0;
    for (const double number : row) squares += number * number;
    if (squares < 1e-6) continue;
    for (double& number : row) number /= std::sqrt(squares);
    rows.push_back(row);
    ++rank;
  }
  return rank;
}

}  // namespace

TEST_CASE("without what they have in common documents are not alike any more, and each direction is one dimension") {
  const TrainingData data = documents();
  const double before = mean_cosine(alike(), data);
  CHECK(before > 0.5);
  for (const std::size_t count : {0, 1, 2, 3}) {
    DictionaryContents contents = alike();
    CHECK(remove_common_components(contents, data, data.size(), count, 1) == doctest::Approx(before));
    CHECK(rank_of(contents) == kDimensions - count);
    if (count == 0) CHECK(contents.vectors == alike().vectors);
    if (count > 0) CHECK(mean_cosine(contents, data) < 0.02);
    DictionaryContents again = alike();
    remove_common_components(again, data, data.size(), count, 2);
    CHECK(again.vectors == contents.vectors);
  }
}

TEST_CASE("what has nothing in common that could be removed is refused") {
  DictionaryContents contents = alike();
  const TrainingData data = documents();
  CHECK(
      test::refuses<InvalidArgument>([&] { remove_common_components(contents, data, 1, 8, 1); }, "in [0, 8); were 8"));
  CHECK(test::refuses<DataError>([&] { remove_common_components(contents, data, 0, 1, 1); }, "no document has a word"));
}
