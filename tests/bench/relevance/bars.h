// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/relevance/results.h"

namespace vecterm::bench {

/// What the default and the fitted profile are held against, a line a bar; "-" where the set was not measured.
std::string bar_table(const std::vector<SetResults>& results);

}  // namespace vecterm::bench
