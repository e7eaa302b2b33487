// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/hash_space_form.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "analyzers/numbers/little_endian.h"
#include "analyzers/vector_codec.h"

namespace vecterm {
namespace {

// Those of spaces that were learned or drawn are of the order 1. Sums of products with larger ones could be infinite,
// and their differences no numbers, which have no order.
constexpr float kMostMagnitude = 1e15F;

}  // namespace

void require_in_hash_space(std::string_view what, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value < low || value > high)
    throw Damaged(fmt::format("hash space: {} must be in [{}, {}]; was {}", what, low, high, value));
}

HashSpaceHeader read_header(std::string_view bytes) {
  if (bytes.size() < kHashSpaceHeaderBytes)
    throw Damaged(fmt::format("hash space: must have at least {} bytes; had {}", kHashSpaceHeaderBytes, bytes.size()));
  const auto field = [bytes](std::size_t i) { return number_at<std::uint32_t>(bytes, 4 * i); };
  return {field(0), field(1), field(2), field(3), field(4), field(5)};
}

HashSpaceHeader read_header(std::string_view bytes, std::uint32_t most_assignments) {
  const HashSpaceHeader header = read_header(bytes);
  require_in_hash_space("dimensions", header.dimensions, 1, kMostDimensions);
  require_in_hash_space("tables", header.tables, 1, kMaxHashTables);
  require_in_hash_space("bits", header.bits, 1, kMaxHashBits);
  require_in_hash_space("assignments", header.assignments, 1, most_assignments);
  return header;
}

std::uint32_t HashSpaceReader::number(std::string_view what, std::uint64_t low, std::uint64_t high) {
  const auto value = number_at<std::uint32_t>(raw(sizeof(std::uint32_t)), 0);
  require_in_hash_space(what, value, low, high);
  return value;
}

std::vector<float> HashSpaceReader::floats(std::uint64_t count) {
  const std::string_view stored = raw(count * sizeof(float));
  std::vector<float> values(count);
  if (count > 0) std::memcpy(values.data(), stored.data(), stored.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(std::fabs(values[i]) <= kMostMagnitude))
      throw Damaged(fmt::format("hash space: numbers must be in [{}, {}]; number {} was {}", -kMostMagnitude,
                                kMostMagnitude, i, values[i]));
  return values;
}

std::string_view HashSpaceReader::raw(std::uint64_t count) {
  if (count > bytes_.size() - at_)
    throw Damaged(fmt::format("hash space: must have at least {} bytes; had {}", at_ + count, bytes_.size()));
  const std::string_view part = bytes_.substr(at_, count);
  at_ += count;
  return part;
}

void HashSpaceReader::finish() const {
  if (at_ != bytes_.size()) throw Damaged(fmt::format("hash space: must have {} bytes; had {}", at_, bytes_.size()));
}

HashSpaceWriter::HashSpaceWriter(const FamilyName& family, HashSpaceHeader header, std::span<const float> mean) {
  if (mean.empty() || mean.size() > kMostDimensions)
    throw InvalidArgument(
        fmt::format("hash space: dimensions must be in [1, {}]; was {}", kMostDimensions, mean.size()));
  header.dimensions = static_cast<std::uint32_t>(mean.size());
  for (const std::uint32_t value :
       {family.number, header.dimensions, header.tables, header.bits, header.rows, header.assignments})
    number(value);
  as_argument([&] { return read_header(bytes_, family.most_assignments); });
  floats("mean", mean, mean.size());
}

HashSpaceWriter& HashSpaceWriter::number(std::uint32_t value) {
  append_number<std::uint32_t>(bytes_, value);
  return *this;
}

HashSpaceWriter& HashSpaceWriter::floats(std::string_view what, std::span<const float> values, std::uint64_t count) {
  if (values.size() != count)
    throw InvalidArgument(fmt::format("hash space: {} must be {} numbers; were {}", what, count, values.size()));
  bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return *this;
}

HashSpaceWriter& HashSpaceWriter::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

}  // namespace vecterm
