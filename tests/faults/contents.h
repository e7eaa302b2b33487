// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <map>
#include <optional>
#include <string>

namespace vecterm::faults {

/// Everything that a database holds, by what it is: "document 12" (terms, wdf, positions, values, data), "term w5" (its
/// posting list), "slot 1001", "metadata vecterm.index", "statistics".
using Contents = std::map<std::string, std::string>;

Contents contents_of(const Xapian::Database& database);

/// Where two contents differ first, as a message; nothing where they are the same.
std::optional<std::string> difference(const Contents& expected, const Contents& met);

}  // namespace vecterm::faults
