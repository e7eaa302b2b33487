// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

namespace vecterm::bench {

enum class BarSense { kAtMost, kAtLeast, kAbove };

/// What was measured, what it is held against, and whether that is met: "  0.372 (<= 0.333) MISSED". "-" where nothing
/// was measured.
std::string judged(std::optional<double> value, BarSense sense, double bound, int digits = 3);

}  // namespace vecterm::bench
