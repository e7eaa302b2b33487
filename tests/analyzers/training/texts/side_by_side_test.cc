// SPDX-License-Identifier: GPL-2.0-or-later
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "analyzers/errors.h"
#include "analyzers/training/trainer.h"
#include "tests/support/corpus.h"

using namespace vecterm;

namespace {

struct Entry {
  std::vector<float> row;
  float weight = 1;
};

DictionaryContents dictionary_of(std::size_t dimensions, const std::map<std::string, Entry>& entries) {
  DictionaryContents contents;
  contents.dimensions = dimensions;
  contents.provenance = "{}";
  for (const auto& [word, entry] : entries) {
    contents.words.push_back(word);
    contents.counts.push_back(3);
    contents.weights.push_back(entry.weight);
    contents.vectors.insert(contents.vectors.end(), entry.row.begin(), entry.row.end());
  }
  return contents;
}

/// What a text's vector is before it is scaled to norm 1.
std::vector<double> sum_of(const DictionaryContents& contents, const TermList& text) {
  std::vector<double> sum(contents.dimensions);
  for (const auto& [term, wdf] : text) {
    const auto found = std::ranges::find(contents.words, term);
    if (found == contents.words.end()) continue;
    const auto i = static_cast<std::size_t>(found - contents.words.begin());
    for (std::size_t j = 0; j < sum.size(); ++j)
      sum[j] += double(wdf) * double{contents.weights[i]} * double{contents.vectors[i * sum.size() + j]};
  }
  return sum;
}

double norm(std::span<const double> sum) {
  double squares = 0;
  for (const double number : sum) squares += number * number;
  return std::sqrt(squares);
}

const std::vector<TermList> kTexts{{{"apple", 2}, {"red", 1}}, {{"pear", 1}, {"red", 3}}, {{"plum", 1}, {"apple", 1}}};

TrainingData data_of(const std::vector<TermList>& texts) {
  TrainingData data;
  for (const TermList& text : texts) data.add(text);
  return data;
}

const DictionaryContents kFirst =
    dictionary_of(2, {{"apple", {{1, 0}, .5F}}, {"red", {{.5F, 2}, .25F}}, {"pear", {{-1, 1}}}, {"stop", {{1, 1}, 0}}});
const DictionaryContents kSecond =
    dictionary_of(3, {{"apple", {{0, 3, 1}}}, {"red", {{7, 0, 1}, .5F}}, {"plum", {{1, 1, 1}}}, {"stop", {{2, 0, 0}}}});

}  // namespace

TEST_CASE("side by side a text has both vectors, and they are alike long in the root mean square") {
  const TrainingData data = data_of(kTexts);
  const DictionaryContents both = side_by_side(kFirst, kSecond, data, data.size());
  CHECK(both.dimensions == 5);
  double first_squares = 0, second_squares = 0, ratio = 0;
  for (const TermList& text : kTexts) {
    const std::vector<double> sum = sum_of(both, text);
    const std::vector<double> first = sum_of(kFirst, text), second = sum_of(kSecond, text);
    for (std::size_t j = 0; j < 2; ++j) CHECK(sum[j] == doctest::Approx(first[j]));
    if (ratio == 0) ratio = sum[3] / second[1];
    for (std::size_t j = 0; j < 3; ++j) CHECK(sum[2 + j] == doctest::Approx(ratio * second[j]).epsilon(1e-5));
    first_squares += std::pow(norm(std::span(sum).first(2)), 2);
    second_squares += std::pow(norm(std::span(sum).last(3)), 2);
  }
  CHECK(first_squares == doctest::Approx(second_squares).epsilon(1e-5));
}

TEST_CASE("side by side every word of either dictionary is there, and stop words of the first stay so") {
  const TrainingData data = data_of(kTexts);
  const DictionaryContents both = side_by_side(kFirst, kSecond, data, data.size());
  CHECK(both.words.size() == 5);
  CHECK(std::ranges::find(both.words, "plum") != both.words.end());
  CHECK(norm(sum_of(both, {{"stop", 1}})) == 0);
  const std::vector<double> pear = sum_of(both, {{"pear", 1}});
  CHECK(norm(std::span(pear).last(3)) == 0);
}

TEST_CASE("side by side texts count as far as they are asked for") {
  const TrainingData data = data_of(kTexts);
  const auto second_row = [&](std::size_t texts) { return side_by_side(kFirst, kSecond, data, texts).vectors[3]; };
  CHECK(second_row(1) != second_row(3));
  CHECK(second_row(0) == 0);
}

TEST_CASE("side by side refuses hashed dictionaries, n-grams in the second, and more texts than there are") {
  const TrainingData data = data_of(kTexts);
  DictionaryContents hashed = kFirst;
  hashed.components = {1, 2};
  CHECK(test::refuses<InvalidArgument>([&] { side_by_side(hashed, kSecond, data, 1); }, "one of them is hashed"));
  DictionaryContents ngrams = kSecond;
  ngrams.ngrams.bigrams = true;
  CHECK(test::refuses<InvalidArgument>([&] { side_by_side(kFirst, ngrams, data, 1); }, "must have no n-grams"));
  CHECK(test::refuses<InvalidArgument>([&] { side_by_side(kFirst, kSecond, data, 4); }, "texts must be at most 3"));
}
