// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/binary_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxStringBytes = 4096;

}  // namespace

void BinaryInput::fail(std::uint64_t offset, const std::string& reason) const {
  throw DataError(where(offset) + ": " + reason);
}

std::string_view BinaryInput::take(std::size_t count, std::string_view what) {
  const std::string_view taken = bytes_.peek(count);
  if (taken.size() < count) fail(offset() + taken.size(), fmt::format("the file ends within {}", what));
  bytes_.take(count);
  return taken;
}

void BinaryInput::take_floats(std::span<float> out, std::string_view what) {
  const std::string_view taken = take(out.size_bytes(), what);
  std::memcpy(out.data(), taken.data(), taken.size());
}

std::string_view BinaryInput::take_until(char end, std::string_view what) {
  std::string_view seen;
  std::size_t found = std::string_view::npos;
  for (std::size_t wanted = 64; found == std::string_view::npos; wanted *= 2) {
    const std::size_t searched = seen.size();
    seen = bytes_.peek(wanted);
    found = seen.find(end, searched);
    if (found == std::string_view::npos && seen.size() < wanted)
      fail(offset() + seen.size(), fmt::format("the file ends within {}", what));
    if (std::min(found, seen.size()) > kMaxStringBytes)
      fail(offset(), fmt::format("{} must have at most {} bytes", what, kMaxStringBytes));
  }
  bytes_.take(found + 1);
  return seen.substr(0, found);
}

void BinaryInput::skip_if(char byte) {
  if (bytes_.peek(1).starts_with(byte)) bytes_.take(1);
}

void BinaryInput::skip(std::uint64_t count, std::string_view what) {
  while (count > 0) {
    const std::string_view next = bytes_.peek(1);
    if (next.empty()) fail(offset(), fmt::format("the file ends within {}", what));
    const std::size_t step = std::min<std::uint64_t>(count, bytes_.buffered().size());
    bytes_.take(step);
    count -= step;
  }
}

void BinaryInput::require(std::uint64_t count, std::uint64_t item_bytes, std::uint64_t offset,
                          std::string_view what) const {
  const std::uint64_t most = bytes_.most_bytes_left();
  if (count > most / item_bytes)
    fail(offset, fmt::format("{} must fit into the file; were {} of at least {} bytes, but at most {} bytes follow",
                             what, count, item_bytes, most));
}

void BinaryInput::expect_end() {
  if (!bytes_.peek(1).empty()) fail(offset(), "the file must end here; more bytes follow");
}

}  // namespace vecterm
