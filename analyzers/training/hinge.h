// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weighted_sum.h"

namespace vecterm {

/// The loss of PinText (Zhuang and Liu, KDD 2019) for one query, its positive, and a pool of negatives:
///
///     L = mean over V of (margin - c_+ + c_j),   V = { j : margin - c_+ + c_j > 0 },   c = u_q . u
///
/// so dL/du is a weighted sum of other units for each entity: mean_V(u_j) - u_+ for the query, -u_q for the
/// positive, u_q/|V| for each j of V. cosine_gradient() then takes it back through u = s/|s|. The functions are
/// templates so that the tests can check in double what training does in float.

/// The share of each violating negative in the query's gradient.
/// @param cosines  c_j for the pool
/// @param known(j) whether j is a positive of the query too, so never a negative; asked only where j would violate
/// @param shares   receives (j, 1/|V|) for j in V, ascending
/// @returns the sum over V of (margin - c_+ + c_j)
template <class Real, class Known>
double hinge_violators(Real margin, Real positive_cosine, std::span<const Real> cosines, const Known& known,
                       std::vector<Share<Real>>& shares) {
  shares.clear();
  double loss = 0;
  const Real bound = positive_cosine - margin;
  for (std::size_t j = 0; j < cosines.size(); ++j) {
    if (!(cosines[j] > bound) || known(j)) continue;
    loss += static_cast<double>(cosines[j] - bound);
    shares.push_back({static_cast<std::uint32_t>(j), Real{0}});
  }
  for (Share<Real>& share : shares) share.factor = Real{1} / static_cast<Real>(shares.size());
  return loss;
}

/// Turns dL/du into dL/ds for u = s/|s|: (g - (g.u) u) / |s|, in place.
template <class Real>
void cosine_gradient(std::span<const Real> unit, Real norm, std::span<Real> gradient) {
  const Real along = static_cast<Real>(lane_dot<Real>(gradient, unit));
  for (std::size_t i = 0; i < unit.size(); ++i) gradient[i] = (gradient[i] - along * unit[i]) / norm;
}

/// Scales `sum` to norm 1 in place and returns its norm; 0, and zeros, where it cannot be scaled.
template <class Real>
Real make_unit(std::span<Real> sum) {
  const Real norm = static_cast<Real>(std::sqrt(lane_dot<Real>(sum, sum)));
  const bool usable = norm > Real{0} && std::isfinite(norm) && std::isfinite(Real{1} / norm);
  for (Real& value : sum) value = usable ? value / norm : Real{0};
  return usable ? norm : Real{0};
}

}  // namespace vecterm
