// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/relevance/results.h"

namespace vecterm::bench {

/// What each ranking's nDCG@10 is beyond that of words alone, with its interval, a group for each set: an SVG picture
/// 1,200 pixels wide. REQUIRES: at least one set.
std::string gain_chart(const std::vector<SetResults>& results);

}  // namespace vecterm::bench
