// SPDX-License-Identifier: GPL-2.0-or-later
// Tests codebook_learner.cc and spherical_k_means.cc, too.
#include "analyzers/training/hash_space_learner.h"

#include <cmath>
#include <cstring>
#include <set>

#include "analyzers/errors.h"
#include "analyzers/vector_codec.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

// Unit vectors in `groups` tight bundles.
std::vector<float> bundles(std::size_t groups, std::size_t each, std::size_t dimensions) {
  test::Random random(21);
  std::vector<float> rows;
  for (std::size_t g = 0; g < groups; ++g) {
    const auto centre = random.unit(dimensions);
    for (std::size_t i = 0; i < each; ++i) {
      std::vector<float> row = random.unit(dimensions);
      for (std::size_t j = 0; j < dimensions; ++j) row[j] = centre[j] + 0.02F * row[j];
      const float norm = std::sqrt(dot(row, row));
      for (const float value : row) rows.push_back(value / norm);
    }
  }
  return rows;
}

// The matrix of a stored hash space.
std::vector<float> matrix_of(const HashSpace& space) {
  const std::size_t d = space.dimensions();
  std::vector<float> rows(space.rows() * d);
  // Both families' matrices of one table end their stored form.
  std::memcpy(rows.data(), space.bytes().data() + space.bytes().size() - 4 * rows.size(), 4 * rows.size());
  return rows;
}

}  // namespace

TEST_CASE("the hash space has the same bytes for any number of threads, and others for another seed") {
  const auto vectors = test::Random(3).units(900, 12);
  for (const std::string family : {"cells", "cross-polytope", "hyperplane", "p-stable"}) {
    HashSpaceOptions options;
    options.family = family;
    options.threads = 1;
    const auto one = learn_hash_space(vectors, 12, options);
    for (const unsigned threads : {2U, 3U, 8U}) {
      options.threads = threads;
      CHECK(learn_hash_space(vectors, 12, options)->bytes() == one->bytes());
    }
    options.seed = 2;
    CHECK(learn_hash_space(vectors, 12, options)->bytes() != one->bytes());
  }
}

TEST_CASE("k-means finds bundles: vectors of one bundle share their nearest cell, others do not") {
  const auto vectors = bundles(6, 40, 10);
  HashSpaceOptions options;
  options.cells = {12};
  options.iterations = 20;
  const auto space = learn_hash_space(vectors, 10, options);
  std::vector<std::set<std::uint32_t>> cells(6);
  for (std::size_t i = 0; i < 240; ++i)
    cells[i / 40].insert(space->probes(std::span(vectors).subspan(i * 10, 10), 1).front().bucket.bucket);
  std::set<std::uint32_t> all;
  std::size_t sum = 0;
  for (const auto& of_bundle : cells) {
    all.insert(of_bundle.begin(), of_bundle.end());
    sum += of_bundle.size();
  }
  CHECK(all.size() == sum);
}

TEST_CASE("centroids have norm 1, also where fewer different vectors than cells exist") {
  std::vector<float> vectors;
  for (int i = 0; i < 64; ++i)
    for (const float value : {i % 2 == 0 ? 1.0F : 0.0F, i % 2 == 0 ? 0.0F : 1.0F}) vectors.push_back(value);
  HashSpaceOptions options;
  options.cells = {16};
  const auto rows = matrix_of(*learn_hash_space(vectors, 2, options));
  for (std::size_t i = 0; i < 16; ++i) {
    const auto row = std::span(rows).subspan(2 * i, 2);
    CHECK(dot(row, row) == doctest::Approx(1));
  }
}

TEST_CASE("planes are orthonormal within each group of d") {
  HashSpaceOptions options;
  options.family = "hyperplane";
  options.tables = 5;
  options.bits = 6;
  const std::size_t d = 16;
  const auto rows = matrix_of(*random_hash_space(std::vector<float>(d, 0.1F), options));
  for (std::size_t a = 0; a < 30; ++a)
    for (std::size_t b = a; b < 30 && b / d == a / d; ++b) {
      const double expected = a == b ? 1 : 0;
      CHECK(std::fabs(dot(std::span(rows).subspan(a * d, d), std::span(rows).subspan(b * d, d)) - expected) < 1e-5);
    }
}

TEST_CASE("sizes that are left open follow the number of documents") {
  const auto vectors = test::Random(4).units(1024, 4);
  CHECK(learn_hash_space(vectors, 4, {})->rows() == 256);  // 8 sqrt(n), and n/4
  HashSpaceOptions options;
  options.family = "hyperplane";
  const auto planes = learn_hash_space(vectors, 4, options);
  CHECK(planes->tables() == 32);
  CHECK(planes->bits() == 6);
}

TEST_CASE("options out of range and too few documents are refused with bound and value") {
  const auto vectors = test::Random(4).units(10, 4);
  const auto with = [](auto change) {
    HashSpaceOptions options;
    change(options);
    return options;
  };
  CHECK_THROWS_WITH_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.family = "ivf"; })),
                       "family must be one of cells, cross-polytope, hyperplane, p-stable; was \"ivf\"",
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.cells = {1}; })),
                       "cells must be in [2, 1048576]; was 1", InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.cells = {11}; })), InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.bits = 25; })), InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.tables = 257; })), InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(vectors, 4, with([](auto& o) { o.iterations = 0; })), InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(vectors, 3, {}), InvalidArgument);
  CHECK_THROWS_AS(learn_hash_space(std::span(vectors).first(4), 4, {}), DataError);
  CHECK_THROWS_AS(learn_hash_space({}, 4, {}), DataError);
}
