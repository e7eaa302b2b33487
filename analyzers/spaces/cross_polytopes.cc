// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/cross_polytopes.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "analyzers/numbers/random.h"
#include "analyzers/spaces/probe_queue.h"

namespace vecterm {
namespace {

// How a table of cross-polytopes follows from its dimensions and bits.
struct CrossPolytopeShape {
  static constexpr int kRounds = 3;

  CrossPolytopeShape(std::size_t dimensions, std::uint32_t bits)
      : padded(std::bit_ceil(std::max<std::size_t>(dimensions, 1))),
        full_bits(static_cast<std::uint32_t>(std::bit_width(padded))),
        polytopes((bits + full_bits - 1) / full_bits) {}

  std::size_t padded;       ///< the dimensions' next power of two
  std::uint32_t full_bits;  ///< of a polytope with all 2 * padded vertices
  std::uint32_t polytopes;  ///< of a table; the last one has what bits are left

  std::size_t signs() const { return kRounds * padded; }  ///< of a rotation
  std::size_t sign_bytes() const { return (signs() + 7) / 8; }
};

// Orthogonal but for the factor sqrt(size); size is a power of two.
void hadamard(std::span<float> values) {
  for (std::size_t half = 1; half < values.size(); half *= 2)
    for (std::size_t block = 0; block < values.size(); block += 2 * half)
      for (std::size_t i = block; i < block + half; ++i) {
        const float sum = values[i] + values[i + half];
        values[i + half] = values[i] - values[i + half];
        values[i] = sum;
      }
}

// Vertex 2i is the i-th positive axis, 2i + 1 the negative one.
float along(std::span<const float> coordinates, std::uint32_t vertex) {
  const float value = coordinates[vertex / 2];
  return vertex % 2 == 0 ? value : -value;
}

std::uint32_t nearest_vertex(std::span<const float> coordinates) {
  std::uint32_t best = 0;
  for (std::uint32_t vertex = 1; vertex < 2 * coordinates.size(); ++vertex)
    if (along(coordinates, vertex) > along(coordinates, best)) best = vertex;
  return best;
}

std::vector<float> read_signs(const HashSpace& space) {
  const CrossPolytopeShape shape(space.dimensions(), space.bits());
  const std::uint64_t rotations = std::uint64_t{space.tables()} * shape.polytopes;
  require_in_hash_space("rows", space.rows(), rotations, rotations);
  HashSpaceReader reader(space.bytes());
  reader.floats(space.dimensions());
  const std::string_view stored = reader.raw(rotations * shape.sign_bytes());
  reader.finish();
  std::vector<float> signs;
  signs.reserve(rotations * shape.signs());
  for (std::uint64_t rotation = 0; rotation < rotations; ++rotation)
    for (std::size_t i = 0; i < shape.signs(); ++i) {
      const auto byte = static_cast<unsigned char>(stored[rotation * shape.sign_bytes() + i / 8]);
      signs.push_back((byte >> (i % 8) & 1U) != 0 ? -1.0F : 1.0F);
    }
  return signs;
}

}  // namespace

CrossPolytopes::CrossPolytopes(std::string stored) : HashSpace(std::move(stored)), signs_(read_signs(*this)) {}

std::shared_ptr<const HashSpace> CrossPolytopes::draw(std::span<const float> mean, const DrawOptions& options) {
  Random random(options.seed);
  std::string signs(cross_polytope_sign_bytes(mean.size(), options.tables, options.bits), '\0');
  for (char& byte : signs) byte = static_cast<char>(random.below(256));
  return make_cross_polytopes(mean, signs, options.tables, options.bits);
}

std::vector<Bucket> CrossPolytopes::hash(std::span<const float> unit) const {
  const std::vector<float> vector = centred(unit);
  const std::uint32_t polytopes = rows() / tables();
  std::vector<Bucket> buckets;
  buckets.reserve(tables());
  for (std::uint32_t table = 0; table < tables(); ++table) {
    buckets.push_back({table, 0});
    for (std::uint32_t i = 0; i < polytopes; ++i) {
      const Polytope part = polytope(table, i);
      buckets.back().bucket |= nearest_vertex(rotated(vector, part)) << part.shift;
    }
  }
  return buckets;
}

std::vector<Probe> CrossPolytopes::probes(std::span<const float> unit, const ProbeLimits& limits) const {
  const std::vector<float> vector = centred(unit);
  const std::uint32_t polytopes = rows() / tables();
  // Coordinates are of the order 1/sqrt(d), so this takes their squares to about 1.
  ProbeQueue queue(static_cast<double>(dimensions()));
  std::vector<Deviation> others;
  for (std::uint32_t table = 0; table < tables(); ++table) {
    std::uint32_t own_bucket = 0;
    std::vector<std::vector<Deviation>> choices;
    for (std::uint32_t i = 0; i < polytopes; ++i) {
      const Polytope part = polytope(table, i);
      const std::vector<float> coordinates = rotated(vector, part);
      const std::uint32_t own = nearest_vertex(coordinates);
      own_bucket |= own << part.shift;
      others.clear();
      for (std::uint32_t vertex = 0; vertex < 2 * coordinates.size(); ++vertex) {
        const double gap =
            static_cast<double>(along(coordinates, own)) - static_cast<double>(along(coordinates, vertex));
        if (vertex != own) others.push_back({gap * gap, (own ^ vertex) << part.shift});
      }
      std::stable_sort(others.begin(), others.end(), [](auto& a, auto& b) { return a.cost < b.cost; });
      choices.push_back(others);
    }
    queue.add_table(own_bucket);
    for (const auto& choice : choices) queue.add_choice(choice);
  }
  return queue.take(limits);
}

CrossPolytopes::Polytope CrossPolytopes::polytope(std::uint32_t table, std::uint32_t number) const {
  const CrossPolytopeShape shape(dimensions(), bits());
  const std::uint32_t shift = number * shape.full_bits;
  return {table * shape.polytopes + number, shift, std::min(shape.full_bits, bits() - shift)};
}

std::vector<float> CrossPolytopes::rotated(std::span<const float> centred, const Polytope& polytope) const {
  const CrossPolytopeShape shape(dimensions(), bits());
  std::vector<float> values(shape.padded, 0.0F);
  std::copy(centred.begin(), centred.end(), values.begin());
  const float* sign = signs_.data() + polytope.rotation * shape.signs();
  for (int round = 0; round < CrossPolytopeShape::kRounds; ++round) {
    for (float& value : values) value *= *sign++;
    hadamard(values);
  }
  // Three transforms without their factors have made the vector this much longer.
  const auto padded = static_cast<float>(shape.padded);
  const float length = std::sqrt(padded * padded * padded);
  values.resize(std::size_t{1} << (polytope.bits - 1));
  for (float& value : values) value /= length;
  return values;
}

std::shared_ptr<const HashSpace> make_cross_polytopes(std::span<const float> mean, std::string_view signs,
                                                      std::uint32_t tables, std::uint32_t bits) {
  const std::uint32_t polytopes = CrossPolytopeShape(mean.size(), bits).polytopes;
  return HashSpaceWriter(CrossPolytopes::kFamily, {.tables = tables, .bits = bits, .rows = tables * polytopes}, mean)
      .raw(signs)
      .read_as<CrossPolytopes>();
}

std::size_t cross_polytope_sign_bytes(std::size_t dimensions, std::uint32_t tables, std::uint32_t bits) {
  const CrossPolytopeShape shape(dimensions, bits);
  return std::size_t{tables} * shape.polytopes * shape.sign_bytes();
}

}  // namespace vecterm
