// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/reindex/world.h"

namespace vecterm::bench {

/// One run of something that writes.
struct WriteCost {
  double seconds = 0;       ///< of the wall clock
  double cpu_seconds = 0;   ///< of all threads
  std::uint64_t bytes = 0;  ///< handed to the system for writing
};

/// An update of the whole index to a dictionary in which some words have moved, against indexing anew with it.
struct UpdateResult {
  Move move;
  std::size_t words = 0;
  std::uint64_t documents = 0;  ///< computed again
  std::uint64_t edited = 0;     ///< of those, changed
  WriteCost update;             ///< medians
  WriteCost rebuild;
  std::string difference;  ///< between the two indexes; empty = none
};

UpdateResult measure_update(const World& world, const Move& move, std::size_t rounds);

}  // namespace vecterm::bench
