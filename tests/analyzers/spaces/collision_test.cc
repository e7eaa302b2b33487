// SPDX-License-Identifier: GPL-2.0-or-later
// How often two vectors share a bucket, against what the papers say.
#include <cmath>
#include <numbers>

#include "analyzers/hash_space.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/hash_space_learner.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::vector<float> random_unit(Random& random, std::size_t d) {
  std::vector<float> values(d);
  double squares = 0;
  for (float& value : values) {
    value = static_cast<float>(random.normal());
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / std::sqrt(squares));
  return values;
}

// A unit vector at this cosine from `unit`.
std::vector<float> at_cosine(Random& random, const std::vector<float>& unit, double cosine) {
  std::vector<float> other = random_unit(random, unit.size());
  double along = 0;
  for (std::size_t i = 0; i < unit.size(); ++i) along += static_cast<double>(unit[i]) * static_cast<double>(other[i]);
  const double sine = std::sqrt((1 - cosine * cosine) / (1 - along * along));
  for (std::size_t i = 0; i < unit.size(); ++i)
    other[i] = static_cast<float>(cosine * static_cast<double>(unit[i]) +
                                  sine * (static_cast<double>(other[i]) - along * static_cast<double>(unit[i])));
  return other;
}

// The share of buckets that vectors at this cosine have in common, over `rounds` spaces of 256 tables and pairs.
double measured(const std::string& family, std::size_t d, std::uint32_t bits, double cosine, int rounds) {
  double shared = 0;
  for (int round = 0; round < rounds; ++round) {
    HashSpaceOptions options;
    options.family = family;
    options.tables = 256;
    options.bits = bits;
    options.seed = static_cast<std::uint64_t>(round) + 1;
    const auto space = random_hash_space(std::vector<float>(d, 0.0F), options);
    Random random(options.seed, 7);
    const auto a = random_unit(random, d);
    const auto b = at_cosine(random, a, cosine);
    const auto of_a = space->hash(a);
    const auto of_b = space->hash(b);
    for (std::size_t i = 0; i < of_a.size(); ++i) shared += of_a[i] == of_b[i];
  }
  return shared / (256.0 * rounds);
}

double standard_error(double p, int rounds) { return std::sqrt(p * (1 - p) / (256.0 * rounds)); }

// How often a Gaussian rotation takes both vectors nearest to the same of `coordinates` axes' ends.
double gaussian_cross_polytope(std::size_t coordinates, double cosine, int samples) {
  Random random(99);
  const double sine = std::sqrt(1 - cosine * cosine);
  int shared = 0;
  for (int sample = 0; sample < samples; ++sample) {
    double most_a = 0;
    double most_b = 0;
    std::size_t best_a = 0;
    std::size_t best_b = 0;
    for (std::size_t i = 0; i < coordinates; ++i) {
      const double x = random.normal();
      const double y = cosine * x + sine * random.normal();
      if (std::fabs(x) > std::fabs(most_a)) most_a = x, best_a = i;
      if (std::fabs(y) > std::fabs(most_b)) most_b = y, best_b = i;
    }
    shared += best_a == best_b && (most_a > 0) == (most_b > 0);
  }
  return static_cast<double>(shared) / samples;
}

}  // namespace

TEST_CASE("hyperplane buckets are shared with probability (1 - angle/pi)^bits") {
  for (const double cosine : {0.9, 0.7, 0.3, -0.2})
    for (const std::uint32_t bits : {1U, 4U, 8U}) {
      CAPTURE(cosine);
      CAPTURE(bits);
      // Planes that are orthogonal to each other favour near vectors a little (super-bit LSH): in 128 dimensions by
      // less than a hundredth for 8 of them.
      const double expected = std::pow(1 - std::acos(cosine) / std::numbers::pi, bits);
      CHECK(std::fabs(measured("hyperplane", 128, bits, cosine, 40) - expected) <=
            0.01 + 5 * standard_error(expected, 40));
    }
}

TEST_CASE("p-stable buckets are shared with the probability of Datar et al.") {
  HashSpaceOptions options;
  const auto w = static_cast<double>(options.width);
  for (const double cosine : {0.95, 0.7, 0.3})
    for (const std::uint32_t bits : {4U, 8U}) {
      CAPTURE(cosine);
      CAPTURE(bits);
      const double t = w / std::sqrt(2 - 2 * cosine);
      const double one =
          std::erf(t / std::numbers::sqrt2) - std::sqrt(2 / std::numbers::pi) / t * (1 - std::exp(-t * t / 2));
      // Different values of the hashes fall into one of 2^bits buckets by chance.
      const double all = std::pow(one, bits);
      const double expected = all + (1 - all) * std::exp2(-static_cast<double>(bits));
      CHECK(std::fabs(measured("p-stable", 24, bits, cosine, 40) - expected) <=
            0.01 + 5 * standard_error(expected, 40));
    }
}

TEST_CASE("cross-polytope buckets are shared as with Gaussian rotations") {
  for (const double cosine : {0.95, 0.8, 0.5}) {
    CAPTURE(cosine);
    const double full = gaussian_cross_polytope(64, cosine, 100000);
    CHECK(std::fabs(measured("cross-polytope", 64, 7, cosine, 40) - full) <= 0.02 + 5 * standard_error(full, 40));
    // A second polytope over the first 8 coordinates.
    const double both = full * gaussian_cross_polytope(8, cosine, 100000);
    CHECK(std::fabs(measured("cross-polytope", 64, 11, cosine, 40) - both) <= 0.02 + 5 * standard_error(both, 40));
  }
}

TEST_CASE("cells are shared the more often, the larger the cosine") {
  const std::size_t d = 16;
  Random random(5);
  std::vector<float> vectors;
  for (int i = 0; i < 4000; ++i) {
    const auto unit = random_unit(random, d);
    vectors.insert(vectors.end(), unit.begin(), unit.end());
  }
  HashSpaceOptions options;
  options.cells = {256};
  options.iterations = 4;
  const auto space = learn_hash_space(vectors, d, options);
  double before = 1.01;
  for (const double cosine : {1.0, 0.95, 0.85, 0.7, 0.5, 0.0}) {
    int shared = 0;
    for (int pair = 0; pair < 2000; ++pair) {
      const auto a = random_unit(random, d);
      const auto own = space->hash(a);
      for (const Bucket& bucket : space->hash(at_cosine(random, a, cosine)))
        shared += std::find(own.begin(), own.end(), bucket) != own.end();
    }
    const double share = shared / 4000.0;
    CAPTURE(cosine);
    CHECK(share < before);
    before = share;
  }
}
