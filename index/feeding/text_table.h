// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analyzers/training/data/file_array.h"

namespace vecterm {

/// Numbers by text, for more texts than memory holds: an open-addressing hash table in a temporary file that keeps a
/// 64-bit hash of each text, not the text. Two of 10^8 texts share a hash with a probability of 3 in 10,000.
class TextTable {
 public:
  explicit TextTable(std::string scratch) : scratch_(std::move(scratch)), entries_(scratch_) {}

  std::size_t size() const { return size_; }
  std::optional<std::uint32_t> find(std::string_view text) const;
  /// Gives the text a number, or another one.
  void set(std::string_view text, std::uint32_t number);

 private:
  struct Entry {
    std::uint64_t hash;  ///< 0 = free
    std::uint64_t number;
  };

  std::size_t place(std::uint64_t hash) const;
  void grow();

  std::string scratch_;
  FileArray<Entry> entries_;  ///< 2^k
  std::size_t size_ = 0;
};

}  // namespace vecterm
