// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/hash_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <queue>
#include <tuple>

#include "analyzers/checksum.h"
#include "analyzers/errors.h"
#include "analyzers/kernels.h"
#include "analyzers/little_endian.h"

namespace vecterm {
namespace {

enum FamilyNumber : std::uint32_t { kHyperplane = 1, kCells = 2 };
constexpr std::size_t kHeaderBytes = 24;
constexpr std::uint32_t kMaxDimensions = 4096;
constexpr std::uint32_t kMaxTables = 256;
constexpr std::uint32_t kMaxBits = 24;
constexpr std::uint32_t kAssignments = 2;
// Weights below this add nothing to the order of candidates but must not be zero.
constexpr float kLeastWeight = 1e-4F;

struct Shape {
  std::uint32_t family, dimensions, tables, bits, rows, assignments;
};

std::uint32_t bits_for(std::uint32_t cells) {
  return static_cast<std::uint32_t>(std::bit_width(std::max(cells, 2U) - 1));
}

Shape shape_of(std::string_view bytes) {
  std::uint32_t numbers[6];
  std::memcpy(numbers, bytes.data(), sizeof numbers);
  return {numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

template <class Failure>
void require_range(const char* what, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw Failure(fmt::format("hash space: {} must be in [{}, {}]; was {}", what, low, high, value));
}

template <class Failure>
void check_shape(const Shape& shape) {
  require_range<Failure>("family", shape.family, kHyperplane, kCells);
  require_range<Failure>("dimensions", shape.dimensions, 1, kMaxDimensions);
  require_range<Failure>("tables", shape.tables, 1, shape.family == kCells ? 1 : kMaxTables);
  require_range<Failure>("bits", shape.bits, 1, kMaxBits);
  if (shape.family == kHyperplane) {
    const std::uint32_t planes = shape.tables * shape.bits;
    require_range<Failure>("rows", shape.rows, planes, planes);
    require_range<Failure>("assignments", shape.assignments, 1, 1);
  } else {
    require_range<Failure>("rows", shape.rows, 2, 1U << kMaxBits);
    require_range<Failure>("bits", shape.bits, bits_for(shape.rows), bits_for(shape.rows));
    require_range<Failure>("assignments", shape.assignments, kAssignments, kAssignments);
  }
}

template <class Failure>
void check_finite(std::span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Failure(fmt::format("hash space: numbers must be finite; number {} was {}", i, values[i]));
}

std::string stored_form(const Shape& shape, std::span<const float> mean, std::span<const float> matrix) {
  check_shape<InvalidArgument>(shape);
  const std::uint64_t wanted = std::uint64_t{shape.rows} * shape.dimensions;
  require_range<InvalidArgument>("matrix numbers", matrix.size(), wanted, wanted);
  check_finite<InvalidArgument>(mean);
  check_finite<InvalidArgument>(matrix);
  std::string bytes;
  bytes.reserve(kHeaderBytes + mean.size_bytes() + matrix.size_bytes());
  for (const std::uint32_t number :
       {shape.family, shape.dimensions, shape.tables, shape.bits, shape.rows, shape.assignments})
    append_number<std::uint32_t>(bytes, number);
  bytes.append(reinterpret_cast<const char*>(mean.data()), mean.size_bytes());
  bytes.append(reinterpret_cast<const char*>(matrix.data()), matrix.size_bytes());
  return bytes;
}

std::string short_id(const Checksum& checksum) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  auto number = number_at<std::uint64_t>(std::string_view(checksum.data(), checksum.size()), 0);
  std::string id(1, kDigits[number % 10]);
  number /= 10;
  for (int i = 0; i < 3; ++i, number /= 36) id += kDigits[number % 36];
  return id;
}

class Hyperplanes : public HashSpace {
 public:
  explicit Hyperplanes(std::string stored)
      : HashSpace(std::move(stored)), mean_(HashSpace::mean()), planes_(matrix(), dimensions()) {}

  std::string_view family() const override { return "hyperplane"; }
  std::size_t default_probes() const override { return std::size_t{8} * tables(); }

  std::vector<Bucket> hash(std::span<const float> unit) const override {
    const std::vector<float> margins = signed_margins(unit);
    std::vector<Bucket> buckets;
    buckets.reserve(tables());
    for (std::uint32_t table = 0; table < tables(); ++table) buckets.push_back({table, own_bucket(margins, table)});
    return buckets;
  }

  std::vector<Probe> probes(std::span<const float> unit, std::size_t limit) const override;

 private:
  // One table's bits by rising squared margin: the order in which flipping them is likely.
  struct Flips {
    std::uint32_t own = 0;
    std::vector<std::uint32_t> bit;
    std::vector<float> cost;
  };
  // A set of flips as in Lv et al.: its largest member, by position in the order above, and its mask of bits.
  struct Perturbation {
    float cost = 0;
    std::uint32_t table = 0;
    std::uint32_t mask = 0;
    std::size_t last = 0;

    auto order() const { return std::tie(cost, table, mask); }
    bool operator>(const Perturbation& other) const { return order() > other.order(); }
  };
  using Queue = std::priority_queue<Perturbation, std::vector<Perturbation>, std::greater<>>;

  std::vector<float> signed_margins(std::span<const float> unit) const;
  std::uint32_t own_bucket(const std::vector<float>& margins, std::uint32_t table) const;
  Flips flips(const std::vector<float>& margins, std::uint32_t table) const;
  static void push_successors(const Perturbation& set, const Flips& flips, Queue& queue);

  std::vector<float> mean_;
  PackedRows planes_;
};

std::vector<float> Hyperplanes::signed_margins(std::span<const float> unit) const {
  std::vector<float> centred(unit.size());
  double squares = 0;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    centred[i] = unit[i] - mean_[i];
    squares += static_cast<double>(centred[i]) * static_cast<double>(centred[i]);
  }
  const double norm = std::sqrt(squares);
  if (norm > 0)
    for (float& value : centred) value = static_cast<float>(static_cast<double>(value) / norm);
  std::vector<float> margins(planes_.rows());
  planes_.products(centred, margins);
  return margins;
}

std::uint32_t Hyperplanes::own_bucket(const std::vector<float>& margins, std::uint32_t table) const {
  std::uint32_t bucket = 0;
  for (std::uint32_t bit = 0; bit < bits(); ++bit)
    if (margins[table * bits() + bit] > 0) bucket |= 1U << bit;
  return bucket;
}

Hyperplanes::Flips Hyperplanes::flips(const std::vector<float>& margins, std::uint32_t table) const {
  Flips result;
  result.own = own_bucket(margins, table);
  result.bit.resize(bits());
  std::iota(result.bit.begin(), result.bit.end(), 0U);
  auto cost = [&](std::uint32_t bit) {
    const float margin = margins[table * bits() + bit];
    return margin * margin;
  };
  std::stable_sort(result.bit.begin(), result.bit.end(), [&](auto a, auto b) { return cost(a) < cost(b); });
  for (const std::uint32_t bit : result.bit) result.cost.push_back(cost(bit));
  return result;
}

void Hyperplanes::push_successors(const Perturbation& set, const Flips& flips, Queue& queue) {
  const bool empty = set.mask == 0;
  const std::size_t next = empty ? 0 : set.last + 1;
  if (next >= flips.bit.size()) return;
  const std::uint32_t added = 1U << flips.bit[next];
  queue.push({set.cost + flips.cost[next], set.table, set.mask | added, next});  // expand
  if (empty) return;
  const std::uint32_t removed = 1U << flips.bit[set.last];
  queue.push({set.cost - flips.cost[set.last] + flips.cost[next], set.table, (set.mask & ~removed) | added, next});
}

std::vector<Probe> Hyperplanes::probes(std::span<const float> unit, std::size_t limit) const {
  const std::vector<float> margins = signed_margins(unit);
  std::vector<Flips> by_table;
  Queue queue;
  for (std::uint32_t table = 0; table < tables(); ++table) {
    by_table.push_back(flips(margins, table));
    queue.push({0, table, 0, 0});
  }
  std::vector<Probe> result;
  float last_weight = 1;
  while (!queue.empty() && result.size() < limit) {
    const Perturbation set = queue.top();
    queue.pop();
    const Flips& flips = by_table[set.table];
    // Squared margins are of the order 1/d, so this is about the likelihood that a neighbour lies across them.
    const float weight = std::exp(-static_cast<float>(dimensions()) * set.cost);
    last_weight = std::clamp(weight, kLeastWeight, last_weight);
    result.push_back({{set.table, flips.own ^ set.mask}, last_weight});
    push_successors(set, flips, queue);
  }
  return result;
}

class Cells : public HashSpace {
 public:
  explicit Cells(std::string stored) : HashSpace(std::move(stored)), centroids_(matrix(), dimensions()) {}

  std::string_view family() const override { return "cells"; }
  std::size_t default_probes() const override { return 32; }

  std::vector<Bucket> hash(std::span<const float> unit) const override {
    std::vector<Bucket> buckets;
    for (const auto& [score, cell] : nearest(unit, kAssignments)) buckets.push_back({0, cell});
    std::sort(buckets.begin(), buckets.end());
    return buckets;
  }

  std::vector<Probe> probes(std::span<const float> unit, std::size_t limit) const override {
    // How fast a cell's share of the neighbours falls with its distance in cosine.
    constexpr float kFall = 8;
    std::vector<Probe> result;
    const auto cells = nearest(unit, limit);
    for (const auto& [score, cell] : cells) {
      const float weight = std::exp(kFall * (score - cells.front().first));
      result.push_back({{0, cell}, std::clamp(weight, kLeastWeight, 1.0F)});
    }
    return result;
  }

 private:
  // The best cells with their scores, best first; ties go to the lower cell.
  std::vector<std::pair<float, std::uint32_t>> nearest(std::span<const float> unit, std::size_t limit) const {
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

  PackedRows centroids_;
};

std::shared_ptr<const HashSpace> make(const Shape& shape, std::string stored) {
  if (shape.family == kHyperplane) return std::make_shared<Hyperplanes>(std::move(stored));
  return std::make_shared<Cells>(std::move(stored));
}

}  // namespace

HashSpace::~HashSpace() = default;

HashSpace::HashSpace(std::string bytes) : bytes_(std::move(bytes)) {
  const Shape shape = shape_of(bytes_);
  const Checksum sum = checksum(bytes_);
  fingerprint_ = to_hex(sum);
  id_ = short_id(sum);
  dimensions_ = shape.dimensions;
  tables_ = shape.tables;
  bits_ = shape.bits;
  rows_ = shape.rows;
}

std::vector<float> HashSpace::mean() const {
  std::vector<float> values(dimensions_);
  std::memcpy(values.data(), bytes_.data() + kHeaderBytes, values.size() * sizeof(float));
  return values;
}

std::vector<float> HashSpace::matrix() const {
  std::vector<float> values(rows_ * dimensions_);
  std::memcpy(values.data(), bytes_.data() + kHeaderBytes + dimensions_ * sizeof(float), values.size() * sizeof(float));
  return values;
}

std::string HashSpace::spell(const Bucket& bucket) const {
  return fmt::format("{}_{:02x}_{:0{}x}", id_, bucket.table, bucket.bucket, (bits_ + 3) / 4);
}

std::shared_ptr<const HashSpace> HashSpace::parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes)
    throw DataError(fmt::format("hash space: must have at least {} bytes; had {}", kHeaderBytes, bytes.size()));
  const Shape shape = shape_of(bytes);
  check_shape<DataError>(shape);
  const std::uint64_t numbers = (std::uint64_t{shape.rows} + 1) * shape.dimensions;
  if (bytes.size() != kHeaderBytes + numbers * sizeof(float))
    throw DataError(
        fmt::format("hash space: must have {} bytes; had {}", kHeaderBytes + numbers * sizeof(float), bytes.size()));
  std::vector<float> values(numbers);
  std::memcpy(values.data(), bytes.data() + kHeaderBytes, values.size() * sizeof(float));
  check_finite<DataError>(values);
  return make(shape, std::string(bytes));
}

std::shared_ptr<const HashSpace> make_hyperplanes(std::span<const float> mean, std::span<const float> planes,
                                                  std::uint32_t tables, std::uint32_t bits) {
  require_range<InvalidArgument>("tables", tables, 1, kMaxTables);
  require_range<InvalidArgument>("bits", bits, 1, kMaxBits);
  require_range<InvalidArgument>("dimensions", mean.size(), 1, kMaxDimensions);
  const Shape shape{kHyperplane, static_cast<std::uint32_t>(mean.size()), tables, bits, tables * bits, 1};
  return make(shape, stored_form(shape, mean, planes));
}

std::shared_ptr<const HashSpace> make_cells(std::span<const float> centroids, std::size_t dimensions) {
  require_range<InvalidArgument>("dimensions", dimensions, 1, kMaxDimensions);
  require_range<InvalidArgument>("cells", centroids.size() / dimensions, 2, 1U << kMaxBits);
  const auto cells = static_cast<std::uint32_t>(centroids.size() / dimensions);
  const Shape shape{kCells, static_cast<std::uint32_t>(dimensions), 1, bits_for(cells), cells, kAssignments};
  return make(shape, stored_form(shape, std::vector<float>(dimensions, 0.0F), centroids));
}

}  // namespace vecterm
