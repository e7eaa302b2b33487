// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/hash_space.h"
#include "analyzers/vector_codec.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

// The queue is internal to the library; the families show what it does.

TEST_CASE("hyperplane probes are all buckets of all tables by the sum of squared margins") {
  constexpr std::size_t kDimensions = 8;
  constexpr std::uint32_t kTables = 3;
  constexpr std::uint32_t kBits = 5;
  test::Random random(8);
  for (int round = 0; round < 20; ++round) {
    const auto planes = random.units(kTables * kBits, kDimensions);
    const auto space = make_hyperplanes(std::vector<float>(kDimensions, 0.0F), planes, kTables, kBits);
    const auto unit = random.unit(kDimensions);
    const auto own = space->hash(unit);
    std::vector<std::pair<double, Bucket>> expected;
    for (std::uint32_t table = 0; table < kTables; ++table)
      for (std::uint32_t mask = 0; mask < 1U << kBits; ++mask) {
        double cost = 0;
        for (std::uint32_t bit = 0; bit < kBits; ++bit)
          if ((mask >> bit & 1U) != 0)
            cost += std::pow(static_cast<double>(dot(
                                 unit, std::span(planes).subspan((table * kBits + bit) * kDimensions, kDimensions))),
                             2);
        expected.push_back({cost, {table, own[table].bucket ^ mask}});
      }
    std::sort(expected.begin(), expected.end());
    const auto probes = space->probes(unit, 1000);
    REQUIRE(probes.size() == expected.size());
    for (std::size_t i = 0; i < probes.size(); ++i) CHECK(probes[i].bucket == expected[i].second);
  }
}

TEST_CASE("a cross-polytope's vertices come by the squared gap to the nearest one, each once") {
  test::Random random(9);
  for (const std::uint32_t bits : {1U, 2U, 4U, 5U, 9U, 12U})
    for (int round = 0; round < 5; ++round) {
      CAPTURE(bits);
      const auto space = test::small_cross_polytopes(8, 2, bits, static_cast<std::uint64_t>(round) + 1);
      const auto unit = random.unit(8);
      const auto probes = space->probes(unit, 1U << 14U);
      std::set<Bucket> distinct;
      for (const Probe& probe : probes) distinct.insert(probe.bucket);
      CHECK(probes.size() == std::size_t{2} << bits);
      CHECK(distinct.size() == probes.size());
      for (const Bucket& bucket : distinct) CHECK(bucket.bucket < 1U << bits);
      const auto own = space->hash(unit);
      CHECK(std::set<Bucket>{probes[0].bucket, probes[1].bucket} == std::set<Bucket>(own.begin(), own.end()));
    }
}

TEST_CASE("with p-stable hashes, the buckets one step away hold the near vectors that the own bucket lacks") {
  test::Random random(10);
  std::size_t own = 0;
  std::size_t probed = 0;
  for (std::uint64_t round = 1; round <= 200; ++round) {
    const auto space = test::small_p_stable(8, 1, 6, round);
    const auto a = random.unit(8);
    auto b = random.unit(8);
    for (std::size_t i = 0; i < 8; ++i) b[i] = a[i] + 0.3F * b[i];
    const Bucket of_b = space->hash(b).front();
    const auto probes = space->probes(a, 12);
    own += probes.front().bucket == of_b;
    probed += std::any_of(probes.begin(), probes.end(), [&](const Probe& probe) { return probe.bucket == of_b; });
  }
  CHECK(own < 140);
  CHECK(probed > 170);
}

TEST_CASE("widths and signs of a wrong size are refused") {
  const std::vector<float> mean(4, 0.0F);
  const std::vector<float> projections(2 * 3 * 4, 0.1F);
  const std::vector<float> offsets(2 * 3, 0.1F);
  CHECK(make_p_stable(mean, projections, offsets, 2, 2, 3)->rows() == 6);
  CHECK_THROWS_WITH_AS(make_p_stable(mean, projections, offsets, 0, 2, 3),
                       "hash space: width must be in [0.01, 100]; was 0", InvalidArgument);
  CHECK_THROWS_AS(make_p_stable(mean, projections, {}, 2, 2, 3), InvalidArgument);
  CHECK_THROWS_AS(make_p_stable(mean, projections, offsets, 2, 2, 25), InvalidArgument);
  CHECK(cross_polytope_sign_bytes(5, 2, 7) == 2 * 2 * 3);  // 7 bits of 4 a polytope in 8 dimensions
  CHECK(make_cross_polytopes(mean, std::string(cross_polytope_sign_bytes(4, 2, 7), 'x'), 2, 7)->rows() == 6);
  CHECK_THROWS_AS(make_cross_polytopes(mean, "x", 2, 7), InvalidArgument);
  CHECK_THROWS_AS(make_cross_polytopes({}, "x", 2, 7), InvalidArgument);
}

TEST_CASE("projections as large as may be stored hash without overflow, larger ones are refused") {
  const std::vector<float> mean(2, 0.0F);
  const auto with = [&](float projection) {
    return make_p_stable(mean, std::vector<float>(4, projection), std::vector<float>(2, 0.0F), 0.01F, 1, 2);
  };
  CHECK_THROWS_AS(with(3e38F), InvalidArgument);
  const auto space = with(1e15F);
  CHECK(space->hash(std::vector<float>{0.6F, 0.8F}).size() == 1);
  CHECK_FALSE(space->probes(std::vector<float>{0.6F, 0.8F}, 10).empty());
}
