// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <vector>

#include "analyzers/training/updates/update_cost.h"
#include "tests/bench/update/contenders.h"

namespace vecterm::bench {

/// Shares of the documents that are embedded again already, in tenths.
inline constexpr std::size_t kMoments = 11;

/// What a follower does.
struct Figures {
  double new_for_new = 0;  ///< Recall@10 of known packages, queries and documents by the follower
  double new_for_old = 0;  ///< the same with queries by the follower and documents by the old dictionary
  std::array<double, kMoments> related{};  ///< Recall@100 while tenth after tenth of the documents follows
  UpdateCost hyperplanes;
  UpdateCost cells;

  double least_related() const;
};

/// Of one of `contenders.followers`, by exact cosines.
Figures measure(const Contender& follower, const Contenders& contenders, const UpdateData& data, unsigned threads);

}  // namespace vecterm::bench
