// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <span>
#include <vector>

#include "analyzers/hash_space.h"
#include "plugin/search_request.h"

namespace vecterm {

/// What to look for among the vectors.
struct NearestRequest {
  std::span<const float> unit;
  Xapian::Query filter;  ///< empty = all
  std::size_t wanted = 10;
  std::size_t needed = 10;  ///< where tokens lead to fewer, all documents are compared; at most `wanted`
  ProbeLimits limits;
  Plan plan = Plan::kAuto;
  std::size_t exact_below = 0;
};

/// A document and its exact cosine.
struct Neighbour {
  Xapian::docid docid = 0;  ///< of the whole collection, as Xapian numbers it: (local - 1) * shards + shard + 1
  float cosine = 0;
};

/// Sorts by falling cosine, ties by docid, and keeps the first `wanted`.
void keep_nearest(std::vector<Neighbour>& found, std::size_t wanted);

}  // namespace vecterm
