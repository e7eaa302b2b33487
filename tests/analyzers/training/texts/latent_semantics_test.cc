// SPDX-License-Identifier: GPL-2.0-or-later
// Tests word_columns.cc, too.
#include "analyzers/training/trainer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analyzers/vector_codec.h"
#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

LatentSemanticsOptions small(std::uint32_t dimensions) {
  LatentSemanticsOptions options;
  options.dimensions = dimensions;
  options.min_count = 1;
  return options;
}

/// Texts of random words.
TrainingData random_texts(std::size_t texts, std::size_t words, std::uint64_t seed = 1) {
  test::Random random(seed);
  TrainingData data;
  for (std::size_t text = 0; text < texts; ++text) {
    std::map<std::string, std::uint32_t> bag;
    for (int i = 0; i < 12; ++i) ++bag[fmt::format("w{}", random.below(words) * random.below(words) / words)];
    TermList terms;
    for (const auto& [word, wdf] : bag) terms.push_back({word, wdf});
    data.add(terms);
  }
  return data;
}

std::span<const float> row_of(const DictionaryContents& contents, const std::string& word) {
  const auto found = std::ranges::find(contents.words, word);
  REQUIRE(found != contents.words.end());
  const auto number = static_cast<std::size_t>(found - contents.words.begin());
  return std::span(contents.vectors).subspan(number * contents.dimensions, contents.dimensions);
}

double cosine(std::span<const float> a, std::span<const float> b) {
  return double{dot(a, b)} / std::sqrt(double{dot(a, a)} * double{dot(b, b)});
}

/// The matrix of texts and words as the header defines it.
std::vector<std::vector<double>> matrix_of(const TrainingData& data) {
  const std::size_t words = data.words().size();
  std::vector<double> frequencies(words);
  for (std::size_t text = 0; text < data.size(); ++text)
    for (const auto& [word, wdf] : data.bag(text)) ++frequencies[word];
  std::vector<std::vector<double>> matrix;
  for (std::size_t text = 0; text < data.size(); ++text) {
    std::vector<double> row(words);
    double squares = 0;
    for (const auto& [word, wdf] : data.bag(text)) {
      row[word] = (1 + std::log(wdf)) * std::log(static_cast<double>(data.size()) / frequencies[word]);
      squares += row[word] * row[word];
    }
    for (double& value : row) value /= std::sqrt(squares);
    matrix.push_back(std::move(row));
  }
  return matrix;
}

/// The right singular vector of the largest singular value, times it, by the power method.
std::vector<double> first_direction(const std::vector<std::vector<double>>& matrix) {
  std::vector<double> direction(matrix.front().size(), 1);
  for (int step = 0; step < 3000; ++step) {
    std::vector<double> next(direction.size());
    double size = 0;
    for (const auto& row : matrix) {
      double line = 0;
      for (std::size_t i = 0; i < row.size(); ++i) line += row[i] * direction[i];
      for (std::size_t i = 0; i < row.size(); ++i) next[i] += row[i] * line;
    }
    for (const double value : next) size += value * value;
    // A^T A v is lambda v; what is wanted is sqrt(lambda) v.
    for (std::size_t i = 0; i < next.size(); ++i) direction[i] = next[i] / std::sqrt(std::sqrt(size));
    double norm = 0;
    for (const double value : direction) norm += value * value;
    if (step < 2999)
      for (double& value : direction) value /= std::sqrt(norm);
  }
  return direction;
}

}  // namespace

TEST_CASE("with a direction for each text, rows hold the whole matrix but its first direction") {
  const TrainingData data = random_texts(20, 40);
  const DictionaryContents learned = learn_latent_semantics(data, data.size(), small(24));
  const auto matrix = matrix_of(data);
  const std::vector<double> first = first_direction(matrix);
  const auto expected = [&](std::size_t i, std::size_t j) {
    double sum = -first[i] * first[j];
    for (const auto& row : matrix) sum += row[i] * row[j];
    return sum;
  };
  const auto product = [&](std::size_t i, std::size_t j) {
    return double{dot(row_of(learned, data.words()[i]), row_of(learned, data.words()[j]))};
  };
  const double scale = product(0, 0) / expected(0, 0);
  for (std::size_t i = 0; i < data.words().size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      CHECK(product(i, j) / scale == doctest::Approx(expected(i, j)).epsilon(1e-3).scale(1));
}

TEST_CASE("weights are squares of the inverse document frequency") {
  const TrainingData data = random_texts(50, 20);
  const DictionaryContents learned = learn_latent_semantics(data, data.size(), small(8));
  std::map<std::string, double> frequencies;
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t text = 0; text < data.size(); ++text)
    for (const auto& [word, wdf] : data.bag(text)) ++frequencies[data.words()[word]], counts[data.words()[word]] += wdf;
  for (std::size_t i = 0; i < learned.words.size(); ++i) {
    const double idf = std::log(50 / frequencies[learned.words[i]]) / std::log(50.0);
    CHECK(double{learned.weights[i]} == doctest::Approx(idf * idf));
    CHECK(learned.counts[i] == counts[learned.words[i]]);
    if (i > 0) CHECK(learned.counts[i] <= learned.counts[i - 1]);
  }
}

TEST_CASE("words that never meet, but among the same words, get like vectors") {
  test::Random random(3);
  TrainingData data;
  for (int text = 0; text < 200; ++text) {
    const int topic = text % 4;
    std::map<std::string, std::uint32_t> bag{{fmt::format("{}{}", text % 8 < 4 ? "car" : "auto", topic), 1}};
    for (int i = 0; i < 5; ++i) ++bag[fmt::format("context{}x{}", topic, random.below(10))];
    for (int i = 0; i < 5; ++i) ++bag[fmt::format("any{}", random.below(30))];
    TermList terms;
    for (const auto& [word, wdf] : bag) terms.push_back({word, wdf});
    data.add(terms);
  }
  const DictionaryContents learned = learn_latent_semantics(data, data.size(), small(4));
  for (int topic = 0; topic < 4; ++topic) {
    const auto car = row_of(learned, fmt::format("car{}", topic));
    CHECK(cosine(car, row_of(learned, fmt::format("auto{}", topic))) > 0.9);
    CHECK(cosine(car, row_of(learned, fmt::format("auto{}", (topic + 1) % 4))) < 0.5);
  }
}

TEST_CASE("the same texts, options and seed give the same bytes for any number of threads") {
  const TrainingData data = random_texts(300, 400);
  LatentSemanticsOptions options = small(20);
  options.threads = 1;
  const DictionaryContents one = learn_latent_semantics(data, data.size(), options);
  for (const unsigned threads : {2U, 5U}) {
    options.threads = threads;
    const DictionaryContents many = learn_latent_semantics(data, data.size(), options);
    CHECK(many.vectors == one.vectors);
    CHECK(many.words == one.words);
    CHECK(many.provenance == one.provenance);
  }
}

TEST_CASE("words with one stem have one vector and one weight, counts of their own") {
  TrainingData data;
  for (int i = 0; i < 30; ++i)
    data.add(
        {{i % 2 == 0 ? "apple" : "apples", 1U + static_cast<std::uint32_t>(i % 3)}, {fmt::format("x{}", i % 7), 1}});
  data.add({{"apple", 1}, {"apples", 1}});
  data.add({{"pear", 2}});
  LatentSemanticsOptions options = small(4);
  options.stem = [](const std::string& word) { return word.ends_with('s') ? word.substr(0, word.size() - 1) : word; };
  const DictionaryContents learned = learn_latent_semantics(data, data.size(), options);
  CHECK(std::ranges::equal(row_of(learned, "apple"), row_of(learned, "apples")));
  const auto number = [&](const std::string& word) {
    return std::ranges::find(learned.words, word) - learned.words.begin();
  };
  CHECK(learned.weights[static_cast<std::size_t>(number("apple"))] ==
        learned.weights[static_cast<std::size_t>(number("apples"))]);
  CHECK(learned.counts[static_cast<std::size_t>(number("apple"))] == 31);
  options.stem = {};
  const DictionaryContents apart = learn_latent_semantics(data, data.size(), options);
  CHECK_FALSE(std::ranges::equal(row_of(apart, "apple"), row_of(apart, "apples")));
}

TEST_CASE("seldom words are left out, and of too many the most frequent stay") {
  TrainingData data;
  for (std::uint32_t i = 0; i < 20; ++i)
    data.add({{fmt::format("once{}", i), 1}, {fmt::format("w{}", i % 5), 1 + i % 5}, {fmt::format("z{}", i % 3), 1}});
  LatentSemanticsOptions options = small(4);
  options.min_count = 2;
  CHECK(learn_latent_semantics(data, data.size(), options).words.size() == 8);
  options.max_words = 2;
  CHECK(learn_latent_semantics(data, data.size(), options).words == std::vector<std::string>{"w4", "w3"});
}

TEST_CASE("only the first so many entities are texts to learn from") {
  TrainingData data = random_texts(40, 30);
  const DictionaryContents before = learn_latent_semantics(data, 40, small(8));
  data.add({{"query", 1}, {"w1", 1}});
  const DictionaryContents after = learn_latent_semantics(data, 40, small(8));
  CHECK(after.vectors == before.vectors);
  CHECK(after.words == before.words);
}

TEST_CASE("texts that tell nothing apart are an error, and so are options out of their range") {
  TrainingData data;
  CHECK_THROWS_AS(learn_latent_semantics(data, 0, small(2)), DataError);
  for (int i = 0; i < 5; ++i) data.add({{"a", 1}, {"b", 2}});
  CHECK_THROWS_AS(learn_latent_semantics(data, 5, small(2)), DataError);
  CHECK_THROWS_AS(learn_latent_semantics(data, 6, small(2)), InvalidArgument);
  data.add({{"c", 1}});
  CHECK_THROWS_AS(learn_latent_semantics(data, 6, small(1)), InvalidArgument);
  CHECK_THROWS_AS(learn_latent_semantics(data, 6, small(5000)), InvalidArgument);
  for (auto member :
       {&LatentSemanticsOptions::min_count, &LatentSemanticsOptions::max_words, &LatentSemanticsOptions::passes}) {
    LatentSemanticsOptions options = small(2);
    options.*member = 0;
    CHECK_THROWS_AS(learn_latent_semantics(data, 6, options), InvalidArgument);
  }
}

TEST_CASE("progress comes with each pass, and may cancel") {
  const TrainingData data = random_texts(30, 30);
  std::vector<double> done;
  learn_latent_semantics(data, 30, small(4), [&](const Progress& progress) { done.push_back(progress.done); });
  CHECK(done.size() == LatentSemanticsOptions().passes + 1);
  CHECK(std::ranges::is_sorted(done));
  struct Cancelled {};
  CHECK_THROWS_AS(learn_latent_semantics(data, 30, small(4), [](const Progress&) { throw Cancelled(); }), Cancelled);
}

namespace {

std::shared_ptr<const Dictionary> dictionary_of(DictionaryContents contents) {
  contents.tokenizer = "xapian";
  contents.hash_space = test::small_hyperplanes(contents.dimensions);
  return Dictionary::parse(serialise_dictionary(contents));
}

}  // namespace

TEST_CASE("an update with the same texts changes nothing, also where another seed turned the space") {
  const TrainingData data = random_texts(200, 60);
  LatentSemanticsOptions options = small(8);
  options.passes = 30;
  const auto old = dictionary_of(learn_latent_semantics(data, 200, options));
  options.seed = 2;
  options.update.old = old;
  const auto recent = dictionary_of(learn_latent_semantics(data, 200, options));
  CHECK(recent->contents().words == old->contents().words);
  CHECK(recent->contents().vectors == old->contents().vectors);
  CHECK(recent->contents().weights == old->contents().weights);
}

TEST_CASE("an update adds words, keeps those that are gone and stays near the old ones") {
  TrainingData before = random_texts(200, 60);
  before.add({{"gone", 3}, {"w1", 1}});
  LatentSemanticsOptions options = small(8);
  const auto old = dictionary_of(learn_latent_semantics(before, before.size(), options));
  TrainingData after = random_texts(200, 60);
  for (std::uint32_t i = 0; i < 30; ++i) after.add({{"new", 1}, {fmt::format("w{}", i % 4), 1}});
  options.seed = 5;
  options.update.old = old;
  const auto recent = dictionary_of(learn_latent_semantics(after, after.size(), options));
  CHECK(recent->find("new"));
  REQUIRE(recent->find("gone"));
  std::vector<float> a(8), b(8);
  double likeness = 0;
  for (std::size_t i = 0; i < old->size(); ++i) {
    const auto number = recent->find(old->word(i));
    REQUIRE(number);
    old->copy_vector(i, a);
    recent->copy_vector(*number, b);
    CHECK(recent->weight(*number) == old->weight(i));
    if (old->word(i) == "gone") CHECK(a == b);
    if (dot(a, a) > 0) likeness += cosine(a, b);
  }
  CHECK(likeness / static_cast<double>(old->size()) > 0.9);
}

TEST_CASE("an update of a dictionary of another form is refused") {
  const TrainingData data = random_texts(50, 30);
  LatentSemanticsOptions options = small(8);
  options.update.old = dictionary_of(learn_latent_semantics(data, 50, options));
  options.dimensions = 9;
  CHECK_THROWS_AS(learn_latent_semantics(data, 50, options), InvalidArgument);
  options.dimensions = 8;
  options.update.anchor = -1;
  CHECK_THROWS_AS(learn_latent_semantics(data, 50, options), InvalidArgument);
}
