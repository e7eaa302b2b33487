// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vecterm {

/// A row of some matrix and what it counts in a sum.
template <class Real>
struct Share {
  std::uint32_t row;
  Real factor;
};

/// out = sum over `shares`, in their order, of factor * row. `matrix` is row-major with rows of out.size().
template <class Real>
void weighted_sum(const Real* matrix, std::span<const Share<Real>> shares, std::span<Real> out) {
  std::fill(out.begin(), out.end(), Real{0});
  for (const Share<Real>& share : shares)
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += share.factor * matrix[share.row * out.size() + i];
}

/// The same bits as the template on every processor, quickly.
void weighted_sum(const float* matrix, std::span<const Share<float>> shares, std::span<float> out);

/// Dot product summed in eight interleaved lanes, a fixed order. REQUIRES: a.size() == b.size().
template <class Real>
double lane_dot(std::span<const Real> a, std::span<const Real> b) {
  double lanes[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8)
    for (std::size_t lane = 0; lane < 8; ++lane)
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane)
    lanes[lane] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/// The same in sixteen lanes of float, quickly and with the same bits on every processor.
template <>
double lane_dot<float>(std::span<const float> a, std::span<const float> b);

/// Scales `sum` to norm 1 in place and returns its norm; 0, and zeros, where it cannot be scaled.
template <class Real>
Real make_unit(std::span<Real> sum) {
  const Real norm = static_cast<Real>(std::sqrt(lane_dot<Real>(sum, sum)));
  const bool usable = norm > Real{0} && std::isfinite(norm) && std::isfinite(Real{1} / norm);
  for (Real& value : sum) value = usable ? value / norm : Real{0};
  return usable ? norm : Real{0};
}

}  // namespace vecterm
