// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "index/cli/output.h"
#include "index/index.h"

namespace vecterm::cli {

/// What `search` prints.
struct SearchResult {
  std::vector<TextHit> hits;
  std::size_t first_rank = 1;
  SearchReport report;
  unsigned generation = 0;  ///< of the index
  std::string ranking;      ///< the expression that gave the scores
};

/// One JSON object a hit, where `explain` after one that says how they were found.
void print_json(const SearchResult& result, bool explain, Output& out);
/// The same for people.
void print_table(const SearchResult& result, bool explain, Output& out);

}  // namespace vecterm::cli
