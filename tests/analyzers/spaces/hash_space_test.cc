// SPDX-License-Identifier: GPL-2.0-or-later
// Tests orthogonal_factor.cc, cross_polytopes.cc, hyperplanes.cc, p_stable.cc and hash_space_form.cc, too.
#include "analyzers/hash_space.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/spaces/families.h"
#include "analyzers/vector_codec.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::vector<std::shared_ptr<const HashSpace>> all_families() {
  return {test::small_cells(8, 40), test::small_resolutions(), test::small_hyperplanes(8, 4, 5),
          test::small_cross_polytopes(), test::small_p_stable()};
}

std::set<Bucket> as_set(const std::vector<Probe>& probes) {
  std::set<Bucket> buckets;
  for (const Probe& probe : probes) buckets.insert(probe.bucket);
  return buckets;
}

}  // namespace

TEST_CASE("a stored hash space gives the same buckets, probes and fingerprint when read again") {
  test::Random random(5);
  for (const auto& space : all_families()) {
    const auto again = parse_hash_space(space->bytes());
    CHECK(again->fingerprint() == space->fingerprint());
    CHECK(again->id() == space->id());
    CHECK(again->family() == space->family());
    for (int i = 0; i < 50; ++i) {
      const auto unit = random.unit(8);
      CHECK(again->hash(unit) == space->hash(unit));
      CHECK(as_set(again->probes(unit, 10)) == as_set(space->probes(unit, 10)));
    }
  }
}

TEST_CASE("probes are distinct, best first, and begin with the vector's own buckets") {
  test::Random random(6);
  for (const auto& space : all_families()) {
    for (int i = 0; i < 50; ++i) {
      const auto unit = random.unit(8);
      const auto own = space->hash(unit);
      const auto probes = space->probes(unit, 40);
      CHECK(as_set(probes).size() == probes.size());
      for (std::size_t j = 1; j < probes.size(); ++j) CHECK(probes[j].weight <= probes[j - 1].weight);
      CHECK(probes.back().weight > 0);
      // Of two resolutions, one may have several cells before the other's first.
      if (space->family() == "cells" && space->tables() > 1) continue;
      const auto first = as_set({probes.begin(), probes.begin() + static_cast<std::ptrdiff_t>(own.size())});
      CHECK(first == std::set<Bucket>(own.begin(), own.end()));
    }
  }
}

TEST_CASE("enough probes reach every bucket") {
  const auto unit = test::Random(7).unit(8);
  CHECK(as_set(test::small_cells(8, 40)->probes(unit, 1000)).size() == 40);
  CHECK(as_set(test::small_resolutions()->probes(unit, 1000)).size() == 50);
  CHECK(as_set(test::small_hyperplanes(8, 4, 5)->probes(unit, 1000)).size() == 4 * 32);
  CHECK(as_set(test::small_cross_polytopes(8, 4, 6)->probes(unit, 1000)).size() == 4 * 64);
}

TEST_CASE("hyperplane probes come in the order of their summed squared margins") {
  const auto space = test::small_hyperplanes(8, 1, 6);
  test::Random random(8);
  for (int round = 0; round < 20; ++round) {
    const auto unit = random.unit(8);
    const auto probes = space->probes(unit, 64);
    REQUIRE(probes.size() == 64);
    // Brute force: all 64 masks sorted by weight must agree with the queue's order.
    for (std::size_t i = 1; i < probes.size(); ++i) CHECK(probes[i].weight <= probes[i - 1].weight);
    CHECK(probes.front().bucket == space->hash(unit).front());
  }
}

TEST_CASE("cells files a vector under the two centroids of largest dot product") {
  test::Random random(9);
  const std::size_t d = 5;
  const std::vector<float> centroids = random.units(33, d);
  const auto space = make_cells(centroids, d);
  for (int round = 0; round < 100; ++round) {
    const auto unit = random.unit(d);
    std::vector<std::pair<float, std::uint32_t>> scores;
    for (std::uint32_t c = 0; c < 33; ++c) scores.emplace_back(-dot(unit, std::span(centroids).subspan(c * d, d)), c);
    std::sort(scores.begin(), scores.end());
    const std::set<Bucket> expected{{0, scores[0].second}, {0, scores[1].second}};
    const auto hashed = space->hash(unit);
    CHECK(std::set<Bucket>(hashed.begin(), hashed.end()) == expected);
  }
}

TEST_CASE("hyperplane bits of two vectors agree with probability 1 - angle/pi") {
  constexpr std::size_t kDimensions = 16;
  constexpr int kPlanes = 24;
  constexpr int kPairs = 400;
  test::Random random(10);
  const std::vector<float> mean(kDimensions, 0.0F);
  double expected = 0;
  double variance = 0;
  double agreed = 0;
  for (int pair = 0; pair < kPairs; ++pair) {
    // New planes for each pair, from sums of uniform numbers: nearly normal, so nearly uniform directions.
    std::vector<float> planes(kPlanes * kDimensions);
    for (float& value : planes) {
      value = 0;
      for (int i = 0; i < 12; ++i) value += random.number();
    }
    const auto space = make_hyperplanes(mean, planes, 1, kPlanes);
    const auto a = random.unit(kDimensions);
    auto b = random.unit(kDimensions);
    for (std::size_t i = 0; i < kDimensions; ++i) b[i] += 2 * a[i];
    const double cosine = dot(a, b) / std::sqrt(static_cast<double>(dot(b, b)));
    const double probability = 1 - std::acos(cosine) / std::numbers::pi;
    expected += kPlanes * probability;
    variance += kPlanes * probability * (1 - probability);
    const std::uint32_t difference = space->hash(a)[0].bucket ^ space->hash(b)[0].bucket;
    agreed += kPlanes - std::popcount(difference);
  }
  CHECK(std::fabs(agreed - expected) <= 5 * std::sqrt(variance));
}

TEST_CASE("scaling a vector's planes does not change buckets and the mean itself hashes without NaN") {
  const std::vector<float> mean{0.5F, 0.5F, 0.5F, 0.5F};
  const auto space = make_hyperplanes(mean, test::Random(3).units(8, 4), 2, 4);
  for (const Bucket& bucket : space->hash(mean)) CHECK(bucket.bucket == 0);
  for (const Probe& probe : space->probes(mean, 10)) CHECK(probe.weight > 0);
}

TEST_CASE("a token is spelled with digits and lower-case letters, and starts with a digit") {
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    const auto space = test::small_hyperplanes(4, 17, 9, seed);
    const std::string token = space->spell({16, 0x1ab});
    CHECK(token.substr(4) == "_10_1ab");
    CHECK(token[0] >= '0');
    CHECK(token[0] <= '9');
    CHECK(token.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
  }
  CHECK(test::small_cells(8, 16)->spell({0, 15}).substr(4) == "_00_f");
  CHECK(test::small_cells(8, 17)->spell({0, 15}).substr(4) == "_00_0f");
}

TEST_CASE("hash spaces that differ in any byte have different fingerprints") {
  std::set<std::string> fingerprints;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    fingerprints.insert(test::small_cells(8, 16, seed)->fingerprint());
    fingerprints.insert(test::small_hyperplanes(8, 4, 5, seed)->fingerprint());
  }
  CHECK(fingerprints.size() == 40);
}

TEST_CASE("parameters out of bounds are refused with the bound and the value") {
  const std::vector<float> mean(4, 0.0F);
  CHECK_THROWS_WITH_AS(make_hyperplanes(mean, {}, 1, 80), "hash space: bits must be in [1, 24]; was 80",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(make_hyperplanes(mean, {}, 0, 4), "hash space: tables must be in [1, 256]; was 0",
                       InvalidArgument);
  CHECK_THROWS_AS(make_hyperplanes(mean, mean, 1, 4), InvalidArgument);
  CHECK_THROWS_AS(make_cells(mean, 4), InvalidArgument);
  CHECK_THROWS_AS(make_cells(mean, 0), InvalidArgument);
  std::vector<float> centroids = test::Random(1).units(4, 4);
  centroids[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(make_cells(centroids, 4), InvalidArgument);
}

TEST_CASE("every truncation and every hostile header of a stored hash space is a typed error") {
  for (const auto& space : all_families()) {
    const std::string& bytes = space->bytes();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
      CHECK_THROWS_AS(parse_hash_space(std::string_view(bytes).substr(0, cut)), DataError);
    for (std::size_t field = 0; field < 24; field += 4) {
      std::string hostile = bytes;
      hostile.replace(field, 4, "\xff\xff\xff\xff");
      CHECK_THROWS_AS(parse_hash_space(hostile), DataError);
      hostile.replace(field, 4, std::string(4, '\0'));
      CHECK_THROWS_AS(parse_hash_space(hostile), DataError);
    }
    if (space->family() == "cross-polytope") continue;  // ends with signs, which may be anything
    std::string nan = bytes;
    nan.replace(nan.size() - 4, 4, "\xff\xff\xff\xff");
    CHECK_THROWS_AS(parse_hash_space(nan), DataError);
  }
}
