// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/version.h"

/// What messages are made with, and how UTF-8 is read.
namespace vecterm {

/// The code point of UTF-8 at `position`, which moves behind it; negative for an ill-formed part. REQUIRES: position is
/// less than text.size().
std::int32_t next_code_point(std::string_view text, std::size_t& position);

/// "a, b or c". REQUIRES: at least one name.
VECTERM_INTERNAL_API std::string alternatives(std::span<const std::string> names);

/// `text` on one line, whatever it is: every control character, those that turn the direction of writing and those that
/// end a line included, becomes a space, and every ill-formed part of UTF-8 U+FFFD. So data cannot steer a terminal.
VECTERM_INTERNAL_API std::string printable(std::string_view text);

/// The same, cut after `most` bytes, or a few less where that would cut a character; then "..." follows.
VECTERM_INTERNAL_API std::string shortened(std::string_view text, std::size_t most = 500);

/// Input in a message: short, in quotes, and printable whatever it is.
VECTERM_INTERNAL_API std::string in_quotes(std::string_view text);

/// How many insertions, deletions and replacements of bytes make one word of the other (Levenshtein). Takes
/// a.size() * b.size() steps.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace vecterm
