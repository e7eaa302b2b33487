// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

/// Numbers in vecterm's files are little-endian and need no alignment.
namespace vecterm {

static_assert(std::endian::native == std::endian::little, "vecterm's files are read in place: little-endian only");

template <class Number>
void append_number(std::string& out, std::type_identity_t<Number> value) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

/// REQUIRES: offset + sizeof(Number) <= bytes.size().
template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace vecterm
