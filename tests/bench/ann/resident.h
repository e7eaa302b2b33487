// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/ann/collection.h"

/// Resident memory of a process that does nothing but search: the program starts itself for it.
namespace vecterm::bench {

/// VmRSS of a new process after it has asked all queries of the index at `path` by words, or by words and vectors.
std::uint64_t searching_bytes(const std::string& path, bool vectors, const std::vector<Query>& queries,
                              const std::string& directory);

/// That process: main() given kSearchOnly, the path, "words" or "mixed", and a file with a query a line.
inline constexpr const char* kSearchOnly = "--search-only";
int search_only(const std::string& path, const std::string& mode, const std::string& queries);

}  // namespace vecterm::bench
