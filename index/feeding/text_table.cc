// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/feeding/text_table.h"

#include <cstring>
#include <utility>

#include "analyzers/base/checksum.h"

namespace vecterm {
namespace {

constexpr std::size_t kSmallest = 1024;

std::uint64_t hash_of(std::string_view text) {
  const Checksum sum = checksum(text);
  std::uint64_t hash = 0;
  std::memcpy(&hash, sum.data(), sizeof hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::size_t TextTable::place(std::uint64_t hash) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t i = hash & mask;
  while (entries_[i].hash != 0 && entries_[i].hash != hash) i = (i + 1) & mask;
  return i;
}

std::optional<std::uint32_t> TextTable::find(std::string_view text) const {
  if (entries_.empty()) return std::nullopt;
  const Entry& entry = entries_[place(hash_of(text))];
  if (entry.hash == 0) return std::nullopt;
  return static_cast<std::uint32_t>(entry.number);
}

void TextTable::set(std::string_view text, std::uint32_t number) {
  if (3 * (size_ + 1) > 2 * entries_.size()) grow();
  const std::uint64_t hash = hash_of(text);
  Entry& entry = entries_[place(hash)];
  if (entry.hash == 0) ++size_;
  entry = {hash, number};
}

void TextTable::grow() {
  FileArray<Entry> old(scratch_);
  std::swap(old, entries_);
  entries_.resize(old.empty() ? kSmallest : 2 * old.size());
  for (const Entry& entry : old)
    if (entry.hash != 0) entries_[place(entry.hash)] = entry;
}

}  // namespace vecterm
