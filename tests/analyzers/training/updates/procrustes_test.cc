// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/procrustes.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::vector<std::string> some_words(int first, int end) {
  std::vector<std::string> words;
  for (int i = first; i < end; ++i) words.push_back(fmt::format("w{:03}", i));
  return words;
}

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix random_rotation(std::size_t dimensions, std::uint64_t seed) {
  const auto d = static_cast<Eigen::Index>(dimensions);
  const std::vector<float> values = test::Random(seed).vector(dimensions * dimensions);
  const Eigen::MatrixXd random = Eigen::Map<const Eigen::MatrixXf>(values.data(), d, d).cast<double>();
  return Eigen::HouseholderQR<Eigen::MatrixXd>(random).householderQ();
}

Matrix rows_of(const DictionaryContents& contents) {
  const auto d = static_cast<Eigen::Index>(contents.dimensions);
  const Eigen::Map<const Eigen::Matrix<float, -1, -1, Eigen::RowMajor>> rows(
      contents.vectors.data(), static_cast<Eigen::Index>(contents.words.size()), d);
  return rows.cast<double>();
}

void set_rows(DictionaryContents& contents, const Matrix& rows) {
  for (Eigen::Index i = 0; i < rows.size(); ++i)
    contents.vectors[static_cast<std::size_t>(i)] = static_cast<float>(rows.data()[i]);
}

std::shared_ptr<const Dictionary> parsed(const DictionaryContents& contents) {
  return Dictionary::parse(serialise_dictionary(contents));
}

/// A dictionary of as many words as dimensions or more, and the same rotated, in another space, with other words too.
struct Turned {
  explicit Turned(std::size_t dimensions, std::uint64_t seed = 1)
      : old(test::small_contents(some_words(0, 100), test::small_hyperplanes(dimensions), seed)), recent(old) {
    recent.words = some_words(20, 120);
    const Matrix rows = rows_of(old) * random_rotation(dimensions, seed);
    Matrix shifted = rows;
    shifted.topRows(80) = rows.bottomRows(80);
    shifted.bottomRows(20) = rows.topRows(20);
    set_rows(recent, shifted);
    recent.hash_space = test::small_hyperplanes(dimensions, 2, 3, 9);
    recent.weights[3] = 0.125F;
    recent.codec = VectorCodec::kFloat32;
  }

  DictionaryContents old;
  DictionaryContents recent;
};

}  // namespace

TEST_CASE("a dictionary that was only rotated comes back to within 1e-6") {
  for (const std::size_t dimensions : {2U, 8U, 64U}) {
    const Turned turned(dimensions, dimensions);
    const DictionaryContents back = aligned(*parsed(turned.recent), *parsed(turned.old));
    REQUIRE(back.words == turned.recent.words);
    CHECK((rows_of(back).topRows(80) - rows_of(turned.old).bottomRows(80)).cwiseAbs().maxCoeff() < 1e-6);
    CHECK((rows_of(back).bottomRows(20) - rows_of(turned.old).topRows(20)).cwiseAbs().maxCoeff() < 1e-6);
  }
}

TEST_CASE("what comes back has the old hash space and its own words, weights and counts, and says what was done") {
  const Turned turned(8);
  const auto old = parsed(turned.old), recent = parsed(turned.recent);
  const DictionaryContents back = aligned(*recent, *old);
  CHECK(back.hash_space->bytes() == old->hash_space().bytes());
  CHECK(back.weights == turned.recent.weights);
  CHECK(back.counts == turned.recent.counts);
  CHECK(back.tokenizer == "xapian");
  const auto provenance = nlohmann::json::parse(back.provenance);
  CHECK(provenance["made"] == "by a test");
  CHECK(provenance["aligned"]["to"] == old->fingerprint());
  CHECK(provenance["aligned"]["from"] == recent->fingerprint());
}

TEST_CASE("no rotation near the one that is found brings the rows nearer, by count and squared weight") {
  Turned turned(8);
  test::Random random(5);
  for (float& value : turned.recent.vectors) value += 0.3F * random.number();
  for (std::size_t i = 0; i < 100; ++i) {
    turned.old.counts[i] = random.below(50);
    turned.old.weights[i] = static_cast<float>(random.below(9)) / 8;
  }
  const Matrix back = rows_of(aligned(*parsed(turned.recent), *parsed(turned.old)));
  const auto error = [&](const Matrix& rows) {
    double sum = 0;
    for (Eigen::Index i = 0; i < 80; ++i) {
      const auto o = static_cast<std::size_t>(i) + 20;
      const double weight = turned.old.weights[o];
      sum += std::max(1.0, static_cast<double>(turned.old.counts[o])) * weight * weight *
             (rows.row(i) - rows_of(turned.old).row(i + 20)).squaredNorm();
    }
    return sum;
  };
  const double least = error(back);
  for (Eigen::Index a = 0; a < 8; ++a)
    for (Eigen::Index b = 0; b < 8; ++b) {
      if (a == b) continue;
      Matrix turn = Matrix::Identity(8, 8);
      turn(a, a) = turn(b, b) = std::cos(0.01);
      turn(a, b) = std::sin(0.01);
      turn(b, a) = -std::sin(0.01);
      CHECK(error(back * turn) > least);
    }
}

TEST_CASE("too few shared words with a weight, other dimensions and another tokenizer are refused") {
  const auto wide = [](int first, int end) {
    return test::small_contents(some_words(first, end), test::small_cells());
  };
  const auto old = parsed(wide(0, 10));
  CHECK_NOTHROW(aligned(*parsed(wide(2, 12)), *old));
  CHECK_THROWS_WITH_AS(aligned(*parsed(wide(3, 13)), *old),
                       "shared words with a weight must be at least 8, the dimensions; were 7", InvalidArgument);
  DictionaryContents weightless = wide(0, 10);
  std::fill_n(weightless.weights.begin(), 3, 0.0F);
  CHECK_THROWS_AS(aligned(*old, *parsed(weightless)), InvalidArgument);
  DictionaryContents other = wide(0, 10);
  other.tokenizer = "icu";
  CHECK_THROWS_WITH_AS(aligned(*parsed(other), *old),
                       "tokenizer must be \"xapian\", as the old dictionary has; was \"icu\"", InvalidArgument);
  const auto narrow = parsed(test::small_contents(some_words(0, 10), test::small_cells(4)));
  CHECK_THROWS_WITH_AS(aligned(*narrow, *old), "dimensions must be 8, as the old dictionary has; were 4",
                       InvalidArgument);
}
