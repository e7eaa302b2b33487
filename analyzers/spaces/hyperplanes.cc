// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/hyperplanes.h"

#include <algorithm>

#include "analyzers/numbers/orthogonal_factor.h"
#include "analyzers/numbers/random.h"
#include "analyzers/spaces/probe_queue.h"

namespace vecterm {
namespace {

std::vector<float> read_planes(const HashSpace& space) {
  const std::uint32_t planes = space.tables() * space.bits();
  require_in_hash_space("rows", space.rows(), planes, planes);
  HashSpaceReader reader(space.bytes());
  reader.floats(space.dimensions());
  std::vector<float> matrix = reader.floats(std::uint64_t{planes} * space.dimensions());
  reader.finish();
  return matrix;
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

}  // namespace

Hyperplanes::Hyperplanes(std::string stored)
    : HashSpace(std::move(stored)), planes_(read_planes(*this), dimensions()) {}

std::shared_ptr<const HashSpace> Hyperplanes::draw(std::span<const float> mean, const DrawOptions& options) {
  const std::size_t count = std::size_t{options.tables} * options.bits;
  return make_hyperplanes(mean, orthogonal_planes(count, mean.size(), options.seed), options.tables, options.bits);
}

std::vector<Bucket> Hyperplanes::hash(std::span<const float> unit) const {
  const std::vector<float> margins = signed_margins(unit);
  std::vector<Bucket> buckets;
  buckets.reserve(tables());
  for (std::uint32_t table = 0; table < tables(); ++table)
    buckets.push_back({table, own_bucket(std::span(margins).subspan(table * bits(), bits()))});
  return buckets;
}

std::vector<Probe> Hyperplanes::probes(std::span<const float> unit, const ProbeLimits& limits) const {
  const std::vector<float> margins = signed_margins(unit);
  // Squared margins are of the order 1/d, so this makes weights about the likelihood that a neighbour lies across.
  ProbeQueue queue(static_cast<double>(dimensions()));
  for (std::uint32_t table = 0; table < tables(); ++table) {
    const auto of_table = std::span(margins).subspan(table * bits(), bits());
    queue.add_table(own_bucket(of_table));
    for (std::uint32_t bit = 0; bit < bits(); ++bit) {
      const auto margin = static_cast<double>(of_table[bit]);
      const Deviation flip{margin * margin, 1U << bit};
      queue.add_choice({&flip, 1});
    }
  }
  return queue.take(limits);
}

std::vector<float> Hyperplanes::signed_margins(std::span<const float> unit) const {
  std::vector<float> margins(planes_.rows());
  planes_.products(centred(unit), margins);
  return margins;
}

std::uint32_t Hyperplanes::own_bucket(std::span<const float> margins) const {
  std::uint32_t bucket = 0;
  for (std::uint32_t bit = 0; bit < bits(); ++bit)
    if (margins[bit] > 0) bucket |= 1U << bit;
  return bucket;
}

std::shared_ptr<const HashSpace> make_hyperplanes(std::span<const float> mean, std::span<const float> planes,
                                                  std::uint32_t tables, std::uint32_t bits) {
  const std::uint64_t rows = std::uint64_t{tables} * bits;
  return HashSpaceWriter(Hyperplanes::kFamily,
                         {.tables = tables, .bits = bits, .rows = static_cast<std::uint32_t>(rows)}, mean)
      .floats("planes", planes, rows * mean.size())
      .read_as<Hyperplanes>();
}

}  // namespace vecterm
