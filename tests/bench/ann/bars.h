// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/report.h"

namespace vecterm::bench {

/// What vecterm is held against: a line a bar with each set's ratio, its bar, and whether it is met.
std::string bar_table(const std::vector<SetReport>& reports);

}  // namespace vecterm::bench
