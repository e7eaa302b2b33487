// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/reindex/world.h"

namespace vecterm::bench {

/// What searches of several threads came to.
struct SearchFigures {
  std::uint64_t queries = 0;
  std::uint64_t errors = 0;
  std::uint64_t emptied = 0;  ///< without hits, though the query had some before
  double p50_us = 0;          ///< of the wall clock
  double p99_us = 0;
  double mean_us = 0;
  double seconds = 0;
  std::string first_error;
};

struct ReadersResult {
  SearchFigures alone;
  SearchFigures beside;  ///< while the index was changed
  std::uint64_t updates =
      0;  ///< changes that came to their end meanwhile: to another dictionary of the same hash space,
  std::uint64_t switches = 0;  ///< to another hash space: built, activated, and the one before retired
  std::uint64_t edited = 0;    ///< documents
};

/// Searches of several threads while documents are committed, one at a time.
struct CommitsResult {
  double interval_ms = 0;  ///< between two commits; 0 = none were made
  std::uint64_t commits = 0;
  SearchFigures figures;
};

/// Searches by `threads` threads, half by meaning and half mixed, with caches, beside a writer at each interval.
/// @param path     index that is written to; the documents of its writer come and go
std::vector<CommitsResult> measure_commits(const std::string& path, unsigned threads, std::uint64_t queries,
                                           const std::vector<double>& intervals_ms);

/// Searches by `threads` threads, half by meaning and half mixed, alone and while the index is changed from dictionary
/// to dictionary.
/// @param queries  at least so many beside the changes; a fifth of it alone
ReadersResult measure_readers(const World& world, unsigned threads, std::uint64_t queries);

}  // namespace vecterm::bench
