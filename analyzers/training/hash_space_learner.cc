// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/hash_space_learner.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/kernels.h"
#include "analyzers/parallel.h"
#include "analyzers/training/random.h"

namespace vecterm {
namespace {

constexpr std::uint32_t kMaxCells = 1U << 20;
constexpr std::uint32_t kMaxTables = 256;
constexpr std::uint32_t kMaxBits = 24;
constexpr std::uint32_t kMaxIterations = 1000;
constexpr std::uint32_t kDefaultTables = 32;
constexpr std::uint32_t kBitsWithoutCorpus = 12;
constexpr std::size_t kSamplesPerCell = 64;
constexpr std::size_t kGrain = 64;

void check_range(const char* name, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

void check(const HashSpaceOptions& options) {
  if (options.family != "cells" && options.family != "hyperplane")
    throw InvalidArgument(fmt::format("family must be \"cells\" or \"hyperplane\"; was \"{}\"", options.family));
  if (options.cells != 0) check_range("cells", options.cells, 2, kMaxCells);
  if (options.tables != 0) check_range("tables", options.tables, 1, kMaxTables);
  if (options.bits != 0) check_range("bits", options.bits, 1, kMaxBits);
  check_range("iterations", options.iterations, 1, kMaxIterations);
}

std::uint32_t default_cells(std::size_t n) {
  const double wanted = 16 * std::sqrt(static_cast<double>(n));
  const auto nearest = static_cast<std::uint32_t>(std::exp2(std::round(std::log2(wanted))));
  const auto most = static_cast<std::uint32_t>(std::min<std::size_t>(kMaxCells, n / 4));
  return std::max(2U, std::min(nearest, most));
}

std::uint32_t default_bits(std::size_t n) {
  const auto log2 = static_cast<std::uint32_t>(std::bit_width(n)) - 1;
  return std::clamp(log2, 8U, 24U) - 4;
}

/// Spherical k-means. Each vector is assigned by one thread, and each centroid is summed by one thread over its
/// vectors in their order, so the number of threads changes nothing.
class SphericalKMeans {
 public:
  SphericalKMeans(std::span<const float> vectors, std::size_t dimensions, std::uint32_t cells,
                  const HashSpaceOptions& options)
      : vectors_(vectors), dimensions_(dimensions), cells_(cells), threads_(options.threads) {
    Random random(options.seed);
    std::vector<std::uint32_t> order(vectors.size() / dimensions);
    std::iota(order.begin(), order.end(), 0U);
    random.shuffle(order);
    for (std::uint32_t cell = 0; cell < cells; ++cell) {
      const auto row = vector(order[cell]);
      centroids_.insert(centroids_.end(), row.begin(), row.end());
    }
    order.resize(std::min(order.size(), kSamplesPerCell * cells));
    std::sort(order.begin(), order.end());
    sample_ = std::move(order);
    cell_of_.resize(sample_.size());
    score_of_.resize(sample_.size());
  }

  void iterate() {
    assign();
    gather_members();
    std::vector<std::uint32_t> empty;
    for (std::uint32_t cell = 0; cell < cells_; ++cell)
      if (first_[cell] == first_[cell + 1]) empty.push_back(cell);
    parallel_for(cells_, kGrain, threads_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t cell = begin; cell < end; ++cell) move_to_mean(cell);
    });
    refill(empty);
  }

  const std::vector<float>& centroids() const { return centroids_; }

 private:
  std::span<const float> vector(std::size_t i) const { return vectors_.subspan(i * dimensions_, dimensions_); }
  std::span<float> centroid(std::size_t cell) { return std::span(centroids_).subspan(cell * dimensions_, dimensions_); }

  void assign() {
    const PackedRows packed(centroids_, dimensions_);
    parallel_for(sample_.size(), kGrain, threads_, [&](std::size_t begin, std::size_t end) {
      std::vector<float> scores(cells_);
      for (std::size_t i = begin; i < end; ++i) {
        packed.products(vector(sample_[i]), scores);
        const auto best = std::max_element(scores.begin(), scores.end());
        cell_of_[i] = static_cast<std::uint32_t>(best - scores.begin());
        score_of_[i] = *best;
      }
    });
  }

  // Counting sort of the sample by cell; within a cell in order.
  void gather_members() {
    first_.assign(cells_ + std::size_t{1}, 0);
    for (const std::uint32_t cell : cell_of_) ++first_[cell + std::size_t{1}];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    members_.resize(sample_.size());
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (std::uint32_t i = 0; i < sample_.size(); ++i) members_[next[cell_of_[i]]++] = i;
  }

  std::span<const std::uint32_t> members(std::size_t cell) const {
    return std::span(members_).subspan(first_[cell], first_[cell + 1] - first_[cell]);
  }

  void move_to_mean(std::size_t cell) {
    EmbeddingSum sum(dimensions_);
    for (const std::uint32_t member : members(cell)) sum.add(1, vector(sample_[member]));
    if (const auto mean = sum.unit()) std::copy(mean->begin(), mean->end(), centroid(cell).begin());
  }

  // An empty cell takes over the worst placed vector of one of the largest cells, one each.
  void refill(const std::vector<std::uint32_t>& empty) {
    if (empty.empty()) return;
    std::vector<std::uint32_t> largest(cells_);
    std::iota(largest.begin(), largest.end(), 0U);
    std::stable_sort(largest.begin(), largest.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return members(a).size() > members(b).size(); });
    for (std::size_t i = 0; i < empty.size(); ++i) {
      const auto candidates = members(largest[i]);
      if (candidates.size() < 2) return;
      const std::uint32_t worst = *std::min_element(candidates.begin(), candidates.end(),
                                                    [&](auto a, auto b) { return score_of_[a] < score_of_[b]; });
      const auto row = vector(sample_[worst]);
      std::copy(row.begin(), row.end(), centroid(empty[i]).begin());
    }
  }

  std::span<const float> vectors_;
  std::size_t dimensions_;
  std::uint32_t cells_;
  unsigned threads_;
  std::vector<float> centroids_;        ///< row-major cells x d
  std::vector<std::uint32_t> sample_;   ///< numbers of the vectors that are learned from, ascending
  std::vector<std::uint32_t> cell_of_;  ///< of each of the sample
  std::vector<float> score_of_;         ///< cosine with that cell's centroid
  std::vector<std::size_t> first_;      ///< where each cell's members begin in members_
  std::vector<std::uint32_t> members_;  ///< positions in sample_, by cell
};

std::shared_ptr<const HashSpace> learn_cells(std::span<const float> vectors, std::size_t dimensions,
                                             const HashSpaceOptions& options, const ProgressFunction& progress) {
  const std::size_t n = vectors.size() / dimensions;
  const std::uint32_t cells = options.cells != 0 ? options.cells : default_cells(n);
  if (cells > n)
    throw InvalidArgument(
        fmt::format("cells must be at most the number of documents with a vector, {}; was {}", n, cells));
  SphericalKMeans clusters(vectors, dimensions, cells, options);
  for (std::uint32_t i = 0; i < options.iterations; ++i) {
    if (progress) progress({"hash space", static_cast<double>(i) / options.iterations, fmt::format("{} cells", cells)});
    clusters.iterate();
  }
  return make_cells(clusters.centroids(), dimensions);
}

// Orthonormal within each group of d planes: the rows of a random orthogonal matrix.
std::vector<float> orthogonal_planes(std::size_t count, std::size_t dimensions, std::uint64_t seed) {
  Random random(seed);
  const auto d = static_cast<Eigen::Index>(dimensions);
  std::vector<float> planes;
  planes.reserve(count * dimensions);
  while (planes.size() < count * dimensions) {
    Eigen::MatrixXd normal(d, d);
    for (Eigen::Index i = 0; i < d; ++i)
      for (Eigen::Index j = 0; j < d; ++j) normal(i, j) = random.normal();
    const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(normal).householderQ();
    const std::size_t rows = std::min(dimensions, count - planes.size() / dimensions);
    for (Eigen::Index i = 0; i < static_cast<Eigen::Index>(rows); ++i)
      for (Eigen::Index j = 0; j < d; ++j) planes.push_back(static_cast<float>(q(i, j)));
  }
  return planes;
}

std::shared_ptr<const HashSpace> hyperplanes_around(std::span<const float> mean, std::uint32_t bits,
                                                    const HashSpaceOptions& options) {
  const std::uint32_t tables = options.tables != 0 ? options.tables : kDefaultTables;
  const auto planes = orthogonal_planes(std::size_t{tables} * bits, mean.size(), options.seed);
  return make_hyperplanes(mean, planes, tables, bits);
}

std::vector<float> mean_of(std::span<const float> vectors, std::size_t dimensions) {
  std::vector<double> sums(dimensions);
  for (std::size_t i = 0; i < vectors.size(); ++i) sums[i % dimensions] += static_cast<double>(vectors[i]);
  const auto n = static_cast<double>(vectors.size() / dimensions);
  std::vector<float> mean(dimensions);
  for (std::size_t i = 0; i < dimensions; ++i) mean[i] = static_cast<float>(sums[i] / n);
  return mean;
}

}  // namespace

std::shared_ptr<const HashSpace> learn_hash_space(std::span<const float> vectors, std::size_t dimensions,
                                                  const HashSpaceOptions& options, const ProgressFunction& progress) {
  check(options);
  check_range("dimensions", dimensions, 1, 4096);
  if (vectors.size() % dimensions != 0)
    throw InvalidArgument(
        fmt::format("vectors must be rows of {} numbers; were {} numbers", dimensions, vectors.size()));
  const std::size_t n = vectors.size() / dimensions;
  if (n < 2)
    throw DataError(fmt::format("a hash space is learned from at least 2 documents with a vector; there were {}", n));
  if (options.family == "cells") return learn_cells(vectors, dimensions, options, progress);
  return hyperplanes_around(mean_of(vectors, dimensions), options.bits != 0 ? options.bits : default_bits(n), options);
}

std::shared_ptr<const HashSpace> random_hyperplanes(std::span<const float> mean, const HashSpaceOptions& options) {
  check(options);
  check_range("dimensions", mean.size(), 1, 4096);
  return hyperplanes_around(mean, options.bits != 0 ? options.bits : kBitsWithoutCorpus, options);
}

}  // namespace vecterm
