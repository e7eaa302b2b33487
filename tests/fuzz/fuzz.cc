// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"

namespace vecterm::fuzz {
namespace {

std::vector<Target>& registry() {
  static std::vector<Target> all;
  return all;
}

}  // namespace

Registered::Registered(std::string_view name, void (*feed)(std::string_view), std::vector<std::string> (*seeds)()) {
  const auto place = std::ranges::lower_bound(registry(), name, {}, &Target::name);
  registry().insert(place, {name, feed, seeds});
}

std::span<const Target> targets() { return registry(); }

const Target* find_target(std::string_view name) {
  const auto found = std::ranges::find(registry(), name, &Target::name);
  return found == registry().end() ? nullptr : &*found;
}

bool feed(const Target& target, std::string_view bytes) {
  try {
    target.feed(bytes);
    return true;
  } catch (const InvalidArgument&) {
  } catch (const DataError&) {
  }
  return false;
}

void require(bool holds) {
  if (!holds) std::abort();
}

std::uint8_t Input::byte() {
  const std::string_view byte = take(1);
  return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte.front());
}

std::string_view Input::take(std::size_t count) {
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(taken.size());
  return taken;
}

std::string_view Input::part() {
  const std::string_view length = take(2);
  return take(length.size() == 2 ? number_at<std::uint16_t>(length, 0) : 0);
}

std::string_view Input::text() {
  const std::string_view text = take(std::min(bytes_.find(kBetween), bytes_.size()));
  take(1);
  return text;
}

std::string part_of(std::string_view bytes) {
  std::string part;
  append_number<std::uint16_t>(part, static_cast<std::uint16_t>(bytes.size()));
  return part.append(bytes);
}

MemoryFile::MemoryFile(std::string_view content) : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::runtime_error("memfd_create");
  for (std::string_view left = content; !left.empty();) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0) throw std::runtime_error("write");
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

}  // namespace vecterm::fuzz
