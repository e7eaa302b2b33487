// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace vecterm {

/// How many insertions, deletions and replacements of bytes make one word of the other (Levenshtein). Takes
/// a.size() * b.size() steps.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace vecterm
