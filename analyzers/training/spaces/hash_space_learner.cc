// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/hash_space_learner.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "analyzers/base/matrices.h"
#include "analyzers/errors.h"
#include "analyzers/training/numbers/random.h"
#include "analyzers/training/spaces/codebook_learner.h"

namespace vecterm {
namespace {

constexpr std::string_view kFamilies[] = {"cells", "cross-polytope", "hyperplane", "p-stable"};
constexpr float kLeastWidth = 0.01F;
constexpr float kMostWidth = 100;
constexpr std::uint32_t kMaxCells = 1U << 20;
constexpr std::uint32_t kMaxTables = 256;
constexpr std::uint32_t kMaxBits = 24;
constexpr std::uint32_t kMaxIterations = 1000;
constexpr std::uint32_t kDefaultTables = 32;
constexpr std::uint32_t kBitsWithoutCorpus = 12;
constexpr std::uint32_t kMaxAssignments = 4;

void check_range(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

std::uint32_t default_cells(std::size_t n) {
  const double wanted = 8 * std::sqrt(static_cast<double>(n));
  const auto nearest = static_cast<std::uint32_t>(std::exp2(std::round(std::log2(wanted))));
  const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(kMaxCells, n / 4));
  return std::max(2U, std::min(nearest, most));
}

std::uint32_t default_bits(std::size_t n) {
  const auto log2 = static_cast<std::uint32_t>(std::bit_width(n)) - 1;
  return std::clamp(log2, 8U, 24U) - 4;
}

std::vector<float> mean_of(std::span<const float> vectors, std::size_t dimensions) {
  std::vector<double> sums(dimensions);
  for (std::size_t i = 0; i < vectors.size(); ++i) sums[i % dimensions] += static_cast<double>(vectors[i]);
  const auto n = static_cast<double>(vectors.size() / dimensions);
  std::vector<float> mean(dimensions);
  for (std::size_t i = 0; i < dimensions; ++i) mean[i] = static_cast<float>(sums[i] / n);
  return mean;
}

std::shared_ptr<const HashSpace> learn_cells(std::span<const float> vectors, std::span<const float> mean,
                                             const HashSpaceOptions& options, const ProgressFunction& progress) {
  const std::size_t n = vectors.size() / mean.size();
  std::vector<std::uint32_t> resolutions = options.cells;
  if (resolutions.empty()) resolutions = {default_cells(n)};
  for (const std::uint32_t cells : resolutions)
    if (cells > n)
      throw InvalidArgument(
          fmt::format("cells must be at most the number of documents with a vector, {}; was {}", n, cells));
  std::vector<CellTable> tables;
  for (const std::uint32_t cells : resolutions) {
    const auto report = [&](double share) {
      const auto done = static_cast<double>(tables.size()) + share;
      if (progress)
        progress({"hash space", done / static_cast<double>(resolutions.size()), fmt::format("{} cells", cells)});
    };
    tables.push_back(learn_codebook(vectors, mean, {cells, options.iterations, options.threads, options.seed}, report));
  }
  return make_cells(mean, tables, options.assignments);
}

// Orthonormal within each group of d planes: the rows of a random orthogonal matrix.
std::vector<float> orthogonal_planes(std::size_t count, std::size_t dimensions, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> planes;
  planes.reserve(count * dimensions);
  while (planes.size() < count * dimensions) {
    std::vector<double> normal(dimensions * dimensions);
    for (double& value : normal) value = random.normal();
    const std::vector<double> q = orthogonal_factor(normal, dimensions);
    const std::size_t rows = std::min(dimensions, count - planes.size() / dimensions);
    for (std::size_t i = 0; i < rows * dimensions; ++i) planes.push_back(static_cast<float>(q[i]));
  }
  return planes;
}

std::string random_signs(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string signs(bytes, '\0');
  for (char& byte : signs) byte = static_cast<char>(random.below(256));
  return signs;
}

std::shared_ptr<const HashSpace> random_p_stable(std::span<const float> mean, std::uint32_t tables, std::uint32_t bits,
                                                 const HashSpaceOptions& options) {
  Random random(options.seed);
  std::vector<float> projections(std::size_t{tables} * bits * mean.size());
  for (float& value : projections) value = static_cast<float>(random.normal());
  std::vector<float> offsets(std::size_t{tables} * bits);
  for (float& offset : offsets) offset = static_cast<float>(random.uniform()) * options.width;
  return make_p_stable(mean, projections, offsets, options.width, tables, bits);
}

std::shared_ptr<const HashSpace> random_around(std::span<const float> mean, std::uint32_t default_bits,
                                               const HashSpaceOptions& options) {
  const std::uint32_t tables = options.tables != 0 ? options.tables : kDefaultTables;
  const std::uint32_t bits = options.bits != 0 ? options.bits : default_bits;
  if (options.family == "hyperplane")
    return make_hyperplanes(mean, orthogonal_planes(std::size_t{tables} * bits, mean.size(), options.seed), tables,
                            bits);
  if (options.family == "p-stable") return random_p_stable(mean, tables, bits, options);
  const std::size_t bytes = cross_polytope_sign_bytes(mean.size(), tables, bits);
  return make_cross_polytopes(mean, random_signs(bytes, options.seed), tables, bits);
}

}  // namespace

void check_hash_space_options(const HashSpaceOptions& options) {
  if (std::find(std::begin(kFamilies), std::end(kFamilies), options.family) == std::end(kFamilies))
    throw InvalidArgument(
        fmt::format("family must be one of {}; was \"{}\"", fmt::join(kFamilies, ", "), options.family));
  check_range("number of resolutions", options.cells.size(), 0, kMaxTables);
  for (const std::uint32_t cells : options.cells) check_range("cells", cells, 2, kMaxCells);
  check_range("assignments", options.assignments, 1, kMaxAssignments);
  if (options.tables != 0) check_range("tables", options.tables, 1, kMaxTables);
  if (options.bits != 0) check_range("bits", options.bits, 1, kMaxBits);
  if (!(options.width >= kLeastWidth && options.width <= kMostWidth))
    throw InvalidArgument(fmt::format("width must be in [{}, {}]; was {}", kLeastWidth, kMostWidth, options.width));
  check_range("iterations", options.iterations, 1, kMaxIterations);
}

std::shared_ptr<const HashSpace> learn_hash_space(std::span<const float> vectors, std::size_t dimensions,
                                                  const HashSpaceOptions& options, const ProgressFunction& progress) {
  check_hash_space_options(options);
  check_range("dimensions", dimensions, 1, 4096);
  if (vectors.size() % dimensions != 0)
    throw InvalidArgument(
        fmt::format("vectors must be rows of {} numbers; were {} numbers", dimensions, vectors.size()));
  const std::size_t n = vectors.size() / dimensions;
  if (n < 2)
    throw DataError(fmt::format("a hash space is learned from at least 2 documents with a vector; there were {}", n));
  const std::vector<float> mean = mean_of(vectors, dimensions);
  if (options.family == "cells") return learn_cells(vectors, mean, options, progress);
  return random_around(mean, default_bits(n), options);
}

std::shared_ptr<const HashSpace> random_hash_space(std::span<const float> mean, const HashSpaceOptions& options) {
  check_hash_space_options(options);
  check_range("dimensions", mean.size(), 1, 4096);
  if (options.family == "cells")
    throw InvalidArgument(
        "family must be \"cross-polytope\", \"hyperplane\" or \"p-stable\" without documents to learn from; was "
        "\"cells\"");
  return random_around(mean, kBitsWithoutCorpus, options);
}

}  // namespace vecterm
