// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/p_stable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/numbers/random.h"
#include "analyzers/spaces/probe_queue.h"

namespace vecterm {
namespace {

// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// Bounded, because stored projections may be of any size.
std::int64_t whole(double position) {
  constexpr double kMost = 0x1.0p40;
  return static_cast<std::int64_t>(std::floor(std::clamp(position, -kMost, kMost)));
}

}  // namespace

PStable::Parts PStable::read(const HashSpace& space) {
  const std::uint64_t hashes = std::uint64_t{space.tables()} * space.bits();
  require_in_hash_space("rows", space.rows(), hashes, hashes);
  HashSpaceReader reader(space.bytes());
  reader.floats(space.dimensions());
  const float width = reader.floats(1).front();
  std::vector<float> offsets = reader.floats(hashes);
  Parts parts{width, std::move(offsets), PackedRows(reader.floats(hashes * space.dimensions()), space.dimensions())};
  reader.finish();
  if (!(parts.width >= kLeastWidth && parts.width <= kMostWidth))
    throw Damaged(fmt::format("hash space: width must be in [{}, {}]; was {}", kLeastWidth, kMostWidth, parts.width));
  return parts;
}

PStable::PStable(std::string stored) : HashSpace(std::move(stored)), parts_(read(*this)) {}

std::shared_ptr<const HashSpace> PStable::draw(std::span<const float> mean, const DrawOptions& options) {
  Random random(options.seed);
  std::vector<float> projections(std::size_t{options.tables} * options.bits * mean.size());
  for (float& value : projections) value = static_cast<float>(random.normal());
  std::vector<float> offsets(std::size_t{options.tables} * options.bits);
  for (float& offset : offsets) offset = static_cast<float>(random.uniform()) * options.width;
  return make_p_stable(mean, projections, offsets, options.width, options.tables, options.bits);
}

std::vector<Bucket> PStable::hash(std::span<const float> unit) const {
  const std::vector<double> positions = this->positions(unit);
  std::vector<Bucket> buckets;
  buckets.reserve(tables());
  for (std::uint32_t table = 0; table < tables(); ++table) buckets.push_back({table, own_bucket(positions, table)});
  return buckets;
}

std::vector<Probe> PStable::probes(std::span<const float> unit, const ProbeLimits& limits) const {
  const std::vector<double> positions = this->positions(unit);
  const auto width = static_cast<double>(parts_.width);
  // Projections of unit vectors on Gaussian ones have variance 1, so squared distances to a border need no factor.
  ProbeQueue queue(1, false);
  for (std::uint32_t table = 0; table < tables(); ++table) {
    queue.add_table(own_bucket(positions, table));
    for (std::size_t row = table * bits(); row < (table + std::size_t{1}) * bits(); ++row) {
      const std::int64_t own = whole(positions[row]);
      const double below = (positions[row] - static_cast<double>(own)) * width;
      const double above = width - below;
      const auto change = [&](std::int64_t by) { return share(row, own) ^ share(row, own + by); };
      const Deviation down{below * below, change(-1)};
      const Deviation up{above * above, change(1)};
      const Deviation ways[] = {below <= above ? down : up, below <= above ? up : down};
      queue.add_choice(ways);
    }
  }
  return queue.take(ProbeLimits(std::min<std::size_t>(limits.most, std::size_t{tables()} << bits()), limits.reach));
}

std::vector<double> PStable::positions(std::span<const float> unit) const {
  std::vector<float> products(parts_.projections.rows());
  parts_.projections.products(centred(unit), products);
  std::vector<double> positions(products.size());
  for (std::size_t row = 0; row < positions.size(); ++row)
    positions[row] = (static_cast<double>(products[row]) + static_cast<double>(parts_.offsets[row])) /
                     static_cast<double>(parts_.width);
  return positions;
}

std::uint32_t PStable::share(std::size_t row, std::int64_t value) const {
  const std::uint64_t hash = row % bits();
  return static_cast<std::uint32_t>(mixed((hash + 1) * 0x9e3779b97f4a7c15U + static_cast<std::uint64_t>(value)) >>
                                    (64 - bits()));
}

std::uint32_t PStable::own_bucket(std::span<const double> positions, std::uint32_t table) const {
  std::uint32_t bucket = 0;
  for (std::size_t row = table * bits(); row < (table + std::size_t{1}) * bits(); ++row)
    bucket ^= share(row, whole(positions[row]));
  return bucket;
}

std::shared_ptr<const HashSpace> make_p_stable(std::span<const float> mean, std::span<const float> projections,
                                               std::span<const float> offsets, float width, std::uint32_t tables,
                                               std::uint32_t bits) {
  const std::uint64_t hashes = std::uint64_t{tables} * bits;
  return HashSpaceWriter(PStable::kFamily, {.tables = tables, .bits = bits, .rows = static_cast<std::uint32_t>(hashes)},
                         mean)
      .floats("width", std::span(&width, 1), 1)
      .floats("offsets", offsets, hashes)
      .floats("projections", projections, hashes * mean.size())
      .read_as<PStable>();
}

}  // namespace vecterm
