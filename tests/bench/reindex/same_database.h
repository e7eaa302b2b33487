// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace vecterm::bench {

/// Compares two databases document by document (terms, wdf, positions, values, data) and posting list by posting list.
/// @returns the first difference for people; empty where there is none
std::string first_difference(const std::string& path, const std::string& other);

}  // namespace vecterm::bench
