// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "analyzers/hash_space_form.h"
#include "analyzers/probe_queue.h"

namespace vecterm {
namespace {

constexpr double kFall = 8;  ///< how fast a cell's share of the neighbours falls with its distance in cosine

std::uint32_t bits_for(std::size_t cells) {
  return static_cast<std::uint32_t>(std::bit_width(std::max<std::size_t>(cells, 2) - 1));
}

std::vector<float> read_centroids(const HashSpace& space) {
  require_in_hash_space("tables", space.tables(), 1, 1);
  require_in_hash_space("rows", space.rows(), 2, 1U << kMaxHashBits);
  require_in_hash_space("bits", space.bits(), bits_for(space.rows()), bits_for(space.rows()));
  HashSpaceReader reader(space.bytes());
  reader.floats(space.dimensions());
  std::vector<float> matrix = reader.floats(std::uint64_t{space.rows()} * space.dimensions());
  reader.finish();
  return matrix;
}

}  // namespace

Cells::Cells(std::string stored) : HashSpace(std::move(stored)), centroids_(read_centroids(*this), dimensions()) {}

std::vector<Bucket> Cells::hash(std::span<const float> unit) const {
  std::vector<Bucket> buckets;
  for (const auto& [score, cell] : nearest(unit, assignments())) buckets.push_back({0, cell});
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

std::vector<Probe> Cells::probes(std::span<const float> unit, std::size_t limit) const {
  const auto cells = nearest(unit, limit);
  if (cells.empty()) return {};
  const auto [best, own] = cells.front();
  ProbeQueue queue(kFall);
  queue.add_table(own);
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const Deviation other{static_cast<double>(best) - static_cast<double>(cells[i].first), own ^ cells[i].second};
    i == 1 ? queue.add_choice(other) : queue.add_deviation(other);
  }
  return queue.take(limit);
}

std::vector<std::pair<float, std::uint32_t>> Cells::nearest(std::span<const float> unit, std::size_t limit) const {
  std::vector<float> scores(centroids_.rows());
  centroids_.products(unit, scores);
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto wanted = static_cast<std::ptrdiff_t>(std::min(limit, order.size()));
  std::partial_sort(order.begin(), order.begin() + wanted, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  std::vector<std::pair<float, std::uint32_t>> result;
  for (auto cell = order.begin(); cell != order.begin() + wanted; ++cell) result.emplace_back(scores[*cell], *cell);
  return result;
}

std::shared_ptr<const HashSpace> make_cells(std::span<const float> centroids, std::size_t dimensions) {
  const std::size_t cells = dimensions == 0 ? 0 : centroids.size() / dimensions;
  return HashSpaceWriter({.family = kCells,
                          .tables = 1,
                          .bits = bits_for(cells),
                          .rows = static_cast<std::uint32_t>(cells),
                          .assignments = 2},
                         std::vector<float>(dimensions, 0.0F))
      .floats("centroids", centroids, cells * dimensions)
      .parse();
}

}  // namespace vecterm
