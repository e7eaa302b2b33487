// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <span>

#include "analyzers/version.h"

namespace vecterm {

/// C libraries and processors differ in the last bit of log() and exp(). These are made of operations that IEEE 754
/// fixes, so they have the same bits everywhere.

/// ln x = e ln 2 + 2 artanh((m-1)/(m+1)) with m in [1/2, 1). REQUIRES: x > 0 and finite.
inline double portable_log(double x) {
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  const double t = (mantissa - 1) / (mantissa + 1);
  double series = 0;
  for (int k = 35; k >= 1; k -= 2) series = series * t * t + 1.0 / k;
  return 0.6931471805599453 * exponent + 2 * t * series;
}

/// e^x for every value, in place; within 2 units in the last place, and 0 below -87. REQUIRES: all x <= 0.
VECTERM_API void portable_exp(std::span<float> values);
inline void portable_exp(std::span<double> values) {
  for (double& value : values) value = std::exp(value);
}

}  // namespace vecterm
