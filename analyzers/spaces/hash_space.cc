// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/hash_space.h"

#include <cmath>

#include "analyzers/base/checksum.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/spaces/hash_space_form.h"

namespace vecterm {
namespace {

std::string short_id(const Checksum& checksum) {
  static constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  auto number = number_at<std::uint64_t>(std::string_view(checksum.data(), checksum.size()), 0);
  std::string id(1, kDigits[number % 10]);
  number /= 10;
  for (int i = 0; i < 3; ++i, number /= 36) id += kDigits[number % 36];
  return id;
}

}  // namespace

HashSpace::~HashSpace() = default;

HashSpace::HashSpace(std::string bytes, std::uint32_t most_assignments) : bytes_(std::move(bytes)) {
  const HashSpaceHeader header = read_header(bytes_, most_assignments);
  const Checksum sum = checksum(bytes_);
  fingerprint_ = to_hex(sum);
  id_ = short_id(sum);
  dimensions_ = header.dimensions;
  tables_ = header.tables;
  bits_ = header.bits;
  rows_ = header.rows;
  assignments_ = header.assignments;
  centre_ = HashSpaceReader(bytes_).floats(dimensions_);
}

std::vector<float> HashSpace::centred(std::span<const float> unit) const {
  std::vector<float> result(unit.size());
  double squares = 0;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    result[i] = unit[i] - centre_[i];
    squares += static_cast<double>(result[i]) * static_cast<double>(result[i]);
  }
  const double norm = std::sqrt(squares);
  if (norm > 0)
    for (float& value : result) value = static_cast<float>(static_cast<double>(value) / norm);
  return result;
}

std::string HashSpace::spell(const Bucket& bucket) const {
  std::string token = id_;
  token.reserve(id_.size() + 4 + (bits_ + 3) / 4);
  const auto append_hex = [&token](std::uint32_t number, std::uint32_t digits) {
    token += '_';
    while (digits-- > 0) token += "0123456789abcdef"[number >> (4 * digits) & 15U];
  };
  append_hex(bucket.table, 2);
  append_hex(bucket.bucket, (bits_ + 3) / 4);
  return token;
}

}  // namespace vecterm
