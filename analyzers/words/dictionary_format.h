// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "analyzers/vector_codec.h"

/// What the reader and the writer of dictionary files (format: dictionary.h) have in common.
namespace vecterm::dictionary_format {

inline constexpr std::size_t kMaxDimensions = kMostDimensions;
inline constexpr std::size_t kMaxWords = 1U << 30;
inline constexpr std::size_t kHeadFixedBytes = 24;

// What the flags of a file say. The values are persistent.
inline constexpr std::uint32_t kBigrams = 1;
inline constexpr std::uint32_t kTrigrams = 2;
inline constexpr std::uint32_t kHashed = 4;
inline constexpr std::uint32_t kPieces = 8;
inline constexpr std::uint32_t kSketch = 16;

/// Where the search for a word begins in a table of so many slots, a power of two.
inline std::size_t hash_slot(std::string_view word, std::size_t slots) {
  return static_cast<std::size_t>(XXH3_64bits(word.data(), word.size())) & (slots - 1);
}

inline std::size_t index_slots(std::size_t words) { return std::bit_ceil(std::max<std::size_t>(2 * words, 2)); }

/// Whether a file may have these flags.
inline bool is_valid(std::uint32_t flags) {
  return flags <= (kBigrams | kTrigrams | kHashed | kPieces | kSketch) &&
         ((flags & kPieces) == 0 || (flags & (kTrigrams | kHashed)) == 0);
}

/// For messages.
inline std::string misspelled(std::string_view entry) {
  return fmt::format("word \"{}\" is no n-gram of the kinds that the dictionary has", entry);
}

}  // namespace vecterm::dictionary_format
