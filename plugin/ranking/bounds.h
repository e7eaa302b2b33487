// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plugin/ranking/syntax.h"

namespace vecterm {

/// The bounds of a pointwise tree by interval arithmetic. Internal.
RankingBounds ranking_bounds(const RankingNode& tree, const RankingQuery& query, const RankingRanges& ranges);

}  // namespace vecterm
