// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>

namespace vecterm {

/// ln x = e ln 2 + 2 artanh((m-1)/(m+1)) with m in [1/2, 1). C libraries and processors differ in the last bit of log();
/// this is made of operations that IEEE 754 fixes, so it has the same bits everywhere. REQUIRES: x > 0 and finite.
inline double portable_log(double x) {
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  const double t = (mantissa - 1) / (mantissa + 1);
  double series = 0;
  for (int k = 35; k >= 1; k -= 2) series = series * t * t + 1.0 / k;
  return 0.6931471805599453 * exponent + 2 * t * series;
}

}  // namespace vecterm
