// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <span>

namespace vecterm {

/// e^x for every value, in place; within 2 units in the last place, and 0 below -87. C libraries and processors differ
/// in the last bit of exp(); this is made of operations that IEEE 754 fixes, so it has the same bits everywhere.
/// REQUIRES: all x <= 0.
void portable_exp(std::span<float> values);
/// For tests: the C library's.
inline void portable_exp(std::span<double> values) {
  for (double& value : values) value = std::exp(value);
}

}  // namespace vecterm
