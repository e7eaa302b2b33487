// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>

#include "plugin/search_request.h"

namespace vecterm {

/// What the planner knows, of all shards together.
struct PlanFacts {
  Plan wanted = Plan::kAuto;
  bool local = true;                    ///< posting lists can be read in this process
  std::size_t vectors = 0;              ///< documents with a vector
  std::optional<std::size_t> matching;  ///< documents that match the filter; nothing = no filter, or not counted
  std::size_t expected = 0;             ///< postings that the probes are expected to have
  std::size_t exact_below = 0;          ///< SearchOptions::exact_below
};

/// Chooses by numbers of whole collections only, so that shards, threads and caches cannot change the hits. A filter is
/// taken first where it lets at most ten times the candidates through that probing would read: what it finds is exact,
/// and probing would have to look farther for the same recall.
/// @throws InvalidArgument for a plan that was asked for and does not fit
PlanChoice choose_plan(const PlanFacts& facts);

}  // namespace vecterm
