// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

/// The functions of ranking expressions that the standard library does not have: NaN goes through each. Internal.
namespace vecterm {

inline double smaller(double a, double b) {
  return std::isunordered(a, b) ? std::numeric_limits<double>::quiet_NaN() : std::min(a, b);
}

inline double larger(double a, double b) {
  return std::isunordered(a, b) ? std::numeric_limits<double>::quiet_NaN() : std::max(a, b);
}

inline double clamped(double x, double low, double high) { return smaller(larger(x, low), high); }

inline double reciprocal_ranks(double k, double rank_words, double rank_cosine) {
  return 1 / (k + rank_words) + 1 / (k + rank_cosine);
}

}  // namespace vecterm
