// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/version.h"

/// What messages that name choices are made with.
namespace vecterm {

/// "a, b or c". REQUIRES: at least one name.
VECTERM_INTERNAL_API std::string alternatives(std::span<const std::string> names);

/// How many insertions, deletions and replacements of bytes make one word of the other (Levenshtein). Takes
/// a.size() * b.size() steps.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace vecterm
