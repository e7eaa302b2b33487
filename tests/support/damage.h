// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/dictionary.h"

/// What disks and careless programs do to files and records.
namespace vecterm::test {

inline void flip_bit(std::string& bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
}

/// One bit flipped, two bits flipped, or a run of 64 bytes zeroed.
inline std::string damaged(std::string bytes, Random& random) {
  const std::size_t kind = random.below(5);
  if (kind == 0) {
    const std::size_t begin = random.below(bytes.size());
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(begin), std::min<std::size_t>(64, bytes.size() - begin),
                '\0');
    return bytes;
  }
  flip_bit(bytes, random.below(8 * bytes.size()));
  if (kind == 1) flip_bit(bytes, random.below(8 * bytes.size()));
  return bytes;
}

/// A JSON text with one value replaced by one of another type or size, or taken out.
inline std::string swapped_json(const std::string& text, Random& random) {
  using nlohmann::json;
  static const std::vector<json> kOthers{nullptr,
                                         true,
                                         -1,
                                         0,
                                         4,
                                         0.5,
                                         1e300,
                                         4294967295U,
                                         UINT64_MAX,
                                         INT64_MIN,
                                         "",
                                         "x",
                                         json::array(),
                                         json::array({1}),
                                         json::object(),
                                         std::string(1000, 'X')};
  json object = json::parse(text);
  std::vector<std::string> paths;
  const json flat = object.flatten();
  for (const auto& [path, value] : flat.items())
    for (std::string part = path; !part.empty(); part.erase(part.rfind('/'))) paths.push_back(part);
  const json::json_pointer chosen(paths[random.below(paths.size())]);
  const std::size_t other = random.below(kOthers.size() + 1);
  if (other < kOthers.size())
    object[chosen] = kOthers[other];
  else if (object[chosen.parent_pointer()].is_object())
    object[chosen.parent_pointer()].erase(chosen.back());
  else
    object[chosen.parent_pointer()].clear();
  return object.dump();
}

/// A JSON text that was damaged in any of these ways, or cut off.
inline std::string damaged_json(const std::string& text, Random& random) {
  const std::size_t kind = random.below(4);
  if (kind == 0) return damaged(text, random);
  if (kind == 1) return text.substr(0, random.below(text.size()));
  return swapped_json(text, random);
}

}  // namespace vecterm::test
