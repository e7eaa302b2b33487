// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "analyzers/spaces/probe_queue.h"

namespace vecterm {
namespace {

// A cell's cost is how much farther it is than the nearest one, in units of that one's distance plus this: neighbours
// of a query that lies far from every centroid are spread over more cells.
constexpr double kNearDistance = 0.5;
constexpr double kFall = 16;  ///< how fast a cell's share of the neighbours falls with its cost
constexpr std::size_t kFirstRanked = 32;
constexpr std::uint32_t kMostCells = 1U << kMaxHashBits;

std::uint32_t bits_for(std::size_t cells) {
  return static_cast<std::uint32_t>(std::bit_width(std::max<std::size_t>(cells, 2) - 1));
}

// Of a unit vector from a centroid, by their cosine. Square roots are the same on every processor, unlike angles.
double distance(const ScoredCell& cell) { return std::sqrt(std::max(0.0, 2 - 2 * static_cast<double>(cell.score))); }

// The probes of a table come in the order of its ranked cells.
std::vector<Probe> with_distances(std::vector<Probe> probes, const std::vector<std::vector<ScoredCell>>& ranked) {
  std::vector<std::size_t> next(ranked.size());
  for (Probe& probe : probes)
    probe.distance = static_cast<float>(distance(ranked[probe.bucket.table][next[probe.bucket.table]++]));
  return probes;
}

CellTable read_table(HashSpaceReader& reader, std::size_t dimensions) {
  const std::uint32_t cells = reader.number("cells", 2, kMostCells);
  const std::uint32_t groups = reader.number("groups", 0, cells);
  CellTable table;
  table.searched = reader.number("searched groups", std::min(groups, 1U), groups);
  std::uint64_t first = 0;
  for (std::uint32_t group = 0; group < groups; ++group) {
    table.first.push_back(reader.number("first cell of a group", first, group == 0 ? 0 : cells - 1));
    first = table.first.back() + std::uint64_t{1};
  }
  table.groups = reader.floats(std::uint64_t{groups} * dimensions);
  table.centroids = reader.floats(std::uint64_t{cells} * dimensions);
  return table;
}

}  // namespace

Cells::Cells(std::string stored) : HashSpace(std::move(stored), kFamily.most_assignments) {
  HashSpaceReader reader(bytes());
  reader.floats(dimensions());
  std::size_t cells = 0;
  std::size_t most = 0;
  for (std::uint32_t table = 0; table < tables(); ++table) {
    codebooks_.emplace_back(read_table(reader, dimensions()), centre());
    cells += codebooks_.back().cells();
    most = std::max(most, codebooks_.back().cells());
  }
  reader.finish();
  require_in_hash_space("rows", rows(), cells, cells);
  require_in_hash_space("bits", bits(), bits_for(most), bits_for(most));
}

std::vector<Bucket> Cells::hash(std::span<const float> unit) const {
  std::vector<Bucket> buckets;
  std::vector<ScoredCell> nearest;
  for (std::uint32_t table = 0; table < tables(); ++table) {
    codebooks_[table].assign(unit, assignments(), nearest);
    for (const ScoredCell& cell : nearest) buckets.push_back({table, cell.cell});
  }
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

std::vector<Probe> Cells::probes(std::span<const float> unit, const ProbeLimits& limits) const {
  if (limits.most == 0) return {};
  // Most queries end within the first few cells, so only the others rank many.
  for (std::size_t ranked = std::min(limits.most, kFirstRanked);; ranked = std::min(limits.most, 8 * ranked)) {
    std::vector<Probe> probes = probes_of_ranked(unit, {ranked, limits.reach});
    if (probes.size() < ranked || ranked == limits.most) return probes;
  }
}

std::vector<Probe> Cells::probes_of_ranked(std::span<const float> unit, const ProbeLimits& limits) const {
  std::vector<std::vector<ScoredCell>> ranked(tables());
  double nearest = std::numeric_limits<double>::infinity();
  for (std::uint32_t table = 0; table < tables(); ++table) {
    codebooks_[table].rank(unit, limits.most, ranked[table]);
    nearest = std::min(nearest, distance(ranked[table].front()));
  }
  const auto cost = [nearest](const ScoredCell& cell) {
    return (distance(cell) - nearest) / (nearest + kNearDistance);
  };
  ProbeQueue queue(kFall);
  std::vector<Deviation> others;
  for (const auto& cells : ranked) {
    const double own_cost = cost(cells.front());
    queue.add_table(cells.front().cell, own_cost);
    others.clear();
    for (const ScoredCell& cell : std::span(cells).subspan(1))
      others.push_back({cost(cell) - own_cost, cells.front().cell ^ cell.cell});
    if (!others.empty()) queue.add_choice(others);
  }
  return with_distances(queue.take(limits), ranked);
}

std::shared_ptr<const HashSpace> make_cells(std::span<const float> mean, std::span<const CellTable> tables,
                                            std::uint32_t assignments) {
  const std::size_t d = std::max<std::size_t>(mean.size(), 1);
  std::size_t cells = 0;
  std::size_t most = 0;
  for (const CellTable& table : tables) {
    cells += table.centroids.size() / d;
    most = std::max(most, table.centroids.size() / d);
  }
  const auto small = [](std::size_t number) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(number, UINT32_MAX));
  };
  HashSpaceWriter writer(
      Cells::kFamily,
      {.tables = small(tables.size()), .bits = bits_for(most), .rows = small(cells), .assignments = assignments}, mean);
  for (const CellTable& table : tables) {
    writer.number(small(table.centroids.size() / d)).number(small(table.first.size())).number(table.searched);
    for (const std::uint32_t first : table.first) writer.number(first);
    writer.floats("group centroids", table.groups, table.first.size() * d)
        .floats("centroids", table.centroids, table.centroids.size() / d * d);
  }
  return writer.read_as<Cells>();
}

std::shared_ptr<const HashSpace> make_cells(std::span<const float> centroids, std::size_t dimensions,
                                            std::uint32_t assignments) {
  const CellTable flat{{centroids.begin(), centroids.end()}, {}, {}, 0};
  return make_cells(std::vector<float>(dimensions, 0.0F), std::span(&flat, 1), assignments);
}

}  // namespace vecterm
