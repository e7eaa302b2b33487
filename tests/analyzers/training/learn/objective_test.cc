// SPDX-License-Identifier: GPL-2.0-or-later
// Tests portable_exp.cc, too.
#include "analyzers/training/learn/objective.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "analyzers/numbers/portable_log.h"
#include "analyzers/numbers/random.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

constexpr std::size_t kDimensions = 5;
constexpr std::size_t kPool = 6;

/// One query (entity kPool), its positive (kPool + 1) and a pool of candidates as bags over a table of words, in
/// double. Candidate 2 is masked.
struct Example {
  explicit Example(std::uint64_t seed) : random(seed), table(12 * kDimensions), bags(kPool + 2) {
    for (double& value : table) value = random.normal();
    for (auto& bag : bags)
      for (int i = 0; i < 4; ++i)
        bag.push_back({static_cast<std::uint32_t>(random.below(12)), 0.2 + 2 * random.uniform()});
  }

  std::span<double> unit(std::size_t entity) { return std::span(units).subspan(entity * kDimensions, kDimensions); }

  /// Fills units, norms and shares. `objective(positive, cosines, masked, shares)` is one of the losses.
  template <class Objective>
  double loss(const Objective& objective) {
    units.resize(bags.size() * kDimensions);
    norms.resize(bags.size());
    for (std::size_t e = 0; e < bags.size(); ++e) {
      weighted_sum<double>(table.data(), bags[e], unit(e));
      norms[e] = make_unit(unit(e));
    }
    std::vector<double> cosines;
    for (std::size_t j = 0; j < kPool; ++j) cosines.push_back(lane_dot<double>(unit(kPool), unit(j)));
    std::vector<std::uint8_t> masked(kPool);
    masked[2] = 1;
    const PairLoss<double> result =
        objective(lane_dot<double>(unit(kPool), unit(kPool + 1)), std::span<const double>(cosines), masked, shares);
    positive = result.positive;
    return result.loss;
  }

  /// dL/dtable as training has it; after loss().
  std::vector<double> gradient() {
    std::vector<std::vector<Share<double>>> of_entity(bags.size());
    for (const Share<double>& share : shares) of_entity[share.row] = {{kPool, share.factor}};
    of_entity[kPool] = shares;
    of_entity[kPool].push_back({kPool + 1, positive});
    of_entity[kPool + 1] = {{kPool, positive}};
    std::vector<double> result(table.size());
    for (std::size_t e = 0; e < bags.size(); ++e) {
      if (of_entity[e].empty()) continue;
      std::vector<double> row(kDimensions);
      weighted_sum<double>(units.data(), of_entity[e], row);
      cosine_gradient<double>(unit(e), norms[e], row);
      for (const Share<double>& word : bags[e])
        for (std::size_t i = 0; i < kDimensions; ++i) result[word.row * kDimensions + i] += word.factor * row[i];
    }
    return result;
  }

  /// The largest difference between gradient() and the slope of the loss.
  template <class Objective>
  double error(const Objective& objective) {
    loss(objective);
    const auto exact = gradient();
    double worst = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      constexpr double kStep = 1e-6;
      const double value = table[i];
      table[i] = value + kStep;
      const double above = loss(objective);
      table[i] = value - kStep;
      const double below = loss(objective);
      table[i] = value;
      worst = std::max(worst, std::fabs((above - below) / (2 * kStep) - exact[i]));
    }
    return worst;
  }

  Random random;
  std::vector<double> table;
  std::vector<std::vector<Share<double>>> bags;
  std::vector<double> units;
  std::vector<double> norms;
  std::vector<Share<double>> shares;
  double positive = 0;
};

}  // namespace

TEST_CASE("the gradient of the hinge agrees with differences of the loss") {
  std::size_t active = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const double margin : {0.3, 2.0}) {
      const auto hinge = [&](double positive, auto cosines, const auto& masked, auto& shares) {
        return hinge_loss<double>(margin, positive, cosines, masked, shares);
      };
      Example example(seed);
      active += example.loss(hinge) > 0 ? 1 : 0;
      CAPTURE(seed);
      CAPTURE(margin);
      CHECK(example.error(hinge) < 1e-6);
    }
  CHECK(active >= 30);
}

TEST_CASE("the gradient of the softmax agrees with differences of the loss, with and without correction") {
  const std::vector<double> log_q{-3, -1, -2, -0.5, -4, -1.5};
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const double temperature : {0.1, 1.0})
      for (const bool corrected : {false, true}) {
        std::vector<double> scores;
        const auto softmax = [&](double positive, auto cosines, const auto& masked, auto& shares) {
          return softmax_loss<double>(temperature, positive, corrected ? -2.5 : 0.0, cosines,
                                      corrected ? std::span<const double>(log_q) : std::span<const double>(), masked,
                                      shares, scores);
        };
        CAPTURE(seed);
        CAPTURE(temperature);
        CAPTURE(corrected);
        CHECK(Example(seed).error(softmax) < 1e-6);
      }
}

TEST_CASE("violators share the query's gradient; masked and satisfied candidates have none of it") {
  std::vector<Share<double>> shares{{9, 9.0}};
  const std::vector<double> cosines{0.5, 0.1, 0.9, 0.4};
  const std::vector<std::uint8_t> masked{0, 0, 1, 0};
  const auto loss = hinge_loss<double>(0.3, 0.6, cosines, masked, shares);
  CHECK(loss.loss == doctest::Approx(0.15));
  CHECK(loss.positive == -1);
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].row == 0);
  CHECK(shares[1].row == 3);
  CHECK(shares[0].factor == 0.5);
  CHECK(hinge_loss<double>(0.05, 0.6, cosines, masked, shares).positive == 0);
}

TEST_CASE("the softmax's loss is the negative logarithm of the positive's share, masked candidates left out") {
  std::vector<Share<double>> shares;
  std::vector<double> scores;
  const std::vector<double> cosines{0.5, 0.9};
  const std::vector<std::uint8_t> masked{0, 1};
  const auto loss = softmax_loss<double>(0.5, 0.7, 0, cosines, {}, masked, shares, scores);
  const double share = std::exp(1.4) / (std::exp(1.4) + std::exp(1.0));
  CHECK(loss.loss == doctest::Approx(-std::log(share)));
  CHECK(loss.positive == doctest::Approx((share - 1) / 0.5));
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].factor == doctest::Approx((1 - share) / 0.5));
  const std::vector<std::uint8_t> all{1, 1};
  CHECK(softmax_loss<double>(0.5, 0.7, 0, cosines, {}, all, shares, scores).positive == 0);
}

TEST_CASE("a sum that vanishes has no unit and no gradient") {
  std::vector<double> zero(4);
  CHECK(make_unit<double>(zero) == 0);
  CHECK(zero == std::vector<double>(4));
  std::vector<float> tiny(4, 1e-44F);
  CHECK(make_unit<float>(tiny) == 0);
  CHECK(tiny == std::vector<float>(4));
  std::vector<float> infinite(4, std::numeric_limits<float>::infinity());
  CHECK(make_unit<float>(infinite) == 0);
}

TEST_CASE("weighted sums in float have the bits of the plain loop for every dimension, dot products nearly") {
  Random random(5);
  for (const std::size_t d : {1UL, 3UL, 7UL, 20UL, 63UL, 64UL, 65UL, 100UL, 128UL, 200UL}) {
    std::vector<float> matrix(9 * d);
    for (float& value : matrix) value = static_cast<float>(random.normal());
    std::vector<Share<float>> shares;
    for (int i = 0; i < 30; ++i)
      shares.push_back({static_cast<std::uint32_t>(random.below(9)), static_cast<float>(random.normal())});
    std::vector<float> quick(d), plain(d);
    weighted_sum(matrix.data(), shares, std::span(quick));
    weighted_sum<float>(matrix.data(), shares, plain);
    CAPTURE(d);
    CHECK(quick == plain);
    double exact = 0;
    for (std::size_t i = 0; i < d; ++i) exact += double{quick[i]} * double{matrix[i]};
    CHECK(lane_dot<float>(quick, std::span<const float>(matrix).first(d)) == doctest::Approx(exact).epsilon(1e-4));
  }
}

TEST_CASE("the portable exponential and logarithm are within their bounds of the library's") {
  std::vector<float> values;
  for (int i = 0; i <= 100000; ++i) values.push_back(static_cast<float>(-i) * 0.00088F);
  auto powers = values;
  portable_exp(std::span(powers));
  double worst = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double exact = std::exp(double{values[i]});
    if (values[i] >= -87.0F) worst = std::max(worst, std::fabs(powers[i] - exact) / exact);
    if (values[i] < -87.0F) CHECK(powers[i] == 0);
  }
  CHECK(powers[0] == 1);
  CHECK(worst < 2.4e-7);
  for (const double x : {1e-300, 0.1, 0.5, 1.0, 2.5, 1e9, 1e300})
    CHECK(portable_log(x) == doctest::Approx(std::log(x)).epsilon(1e-14));
}
