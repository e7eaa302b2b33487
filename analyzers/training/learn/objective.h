// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/numbers/portable_log.h"
#include "analyzers/training/numbers/portable_exp.h"
#include "analyzers/training/numbers/weighted_sum.h"

namespace vecterm {

/// The losses of one pair: a query q, its positive + and a pool of candidates j, by their cosines c = u_q . u. A loss
/// L is given by its value and by dL/dc for the positive and each candidate, for then
///
///     dL/du_q = sum_j dL/dc_j u_j + dL/dc_+ u_+,   dL/du_j = dL/dc_j u_q,   dL/du_+ = dL/dc_+ u_q
///
/// are weighted sums of other units, which cosine_gradient() takes back through u = s/|s|. The functions are templates
/// so that the tests can check in double what training does in float.
template <class Real>
struct PairLoss {
  double loss = 0;
  Real positive = 0;  ///< dL/dc_+; 0 = the pair changes nothing
};

/// PinText (Zhuang and Liu, KDD 2019): the mean over V of (margin - c_+ + c_j), V = { j : margin - c_+ + c_j > 0 }.
/// @param masked  of each candidate, whether it is no negative: a positive of the query, or without a vector
/// @param shares  receives (j, dL/dc_j) for j in V, ascending
template <class Real>
PairLoss<Real> hinge_loss(Real margin, Real positive_cosine, std::span<const Real> cosines,
                          std::span<const std::uint8_t> masked, std::vector<Share<Real>>& shares) {
  const Real bound = positive_cosine - margin;
  shares.resize(cosines.size());
  std::size_t violators = 0;
  for (std::size_t j = 0; j < cosines.size(); ++j) {  // without a branch: which ones violate cannot be foretold
    shares[violators] = {static_cast<std::uint32_t>(j), cosines[j] - bound};
    violators += cosines[j] > bound && masked[j] == 0 ? 1 : 0;
  }
  shares.resize(violators);
  if (violators == 0) return {};
  double loss = 0;
  for (Share<Real>& share : shares) {
    loss += static_cast<double>(share.factor);
    share.factor = Real{1} / static_cast<Real>(violators);
  }
  return {loss / static_cast<double>(violators), Real{-1}};
}

/// Sampled softmax (Agarwal et al., "OmniSearchSage", WWW 2024): -log of the positive's share in the sum of e^z, where
/// z = c / temperature - log Q. Q is how often a candidate is expected in a pool, and takes out the advantage that
/// frequent items have as negatives (Yi et al., "Sampling-bias-corrected neural modeling", RecSys 2019).
/// @param log_q           of each candidate; empty = no correction
/// @param positive_log_q  0 without correction
/// @param shares          receives (j, dL/dc_j) for all j that are not masked, ascending
/// @param scores          memory to work in
template <class Real>
PairLoss<Real> softmax_loss(Real temperature, Real positive_cosine, Real positive_log_q, std::span<const Real> cosines,
                            std::span<const Real> log_q, std::span<const std::uint8_t> masked,
                            std::vector<Share<Real>>& shares, std::vector<Real>& scores) {
  shares.clear();
  scores.clear();
  const auto score = [&](Real cosine, Real correction) { return cosine / temperature - correction; };
  for (std::size_t j = 0; j < cosines.size(); ++j) {
    if (masked[j] != 0) continue;
    scores.push_back(score(cosines[j], log_q.empty() ? Real{0} : log_q[j]));
    shares.push_back({static_cast<std::uint32_t>(j), Real{0}});
  }
  scores.push_back(score(positive_cosine, positive_log_q));
  if (shares.empty()) return {};
  const Real most = *std::max_element(scores.begin(), scores.end());
  const Real positive_score = scores.back() - most;
  for (Real& value : scores) value -= most;
  portable_exp(std::span(scores));
  double total = 0;
  for (const Real value : scores) total += static_cast<double>(value);
  const auto scale = static_cast<Real>(1 / (static_cast<double>(temperature) * total));
  double others = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i].factor = scores[i] * scale;
    others += static_cast<double>(scores[i]);
  }
  return {portable_log(total) - static_cast<double>(positive_score),
          static_cast<Real>(-others / (static_cast<double>(temperature) * total))};
}

/// Turns dL/du into dL/ds for u = s/|s|: (g - (g.u) u) / |s|, in place.
template <class Real>
void cosine_gradient(std::span<const Real> unit, Real norm, std::span<Real> gradient) {
  const Real along = static_cast<Real>(lane_dot<Real>(gradient, unit));
  for (std::size_t i = 0; i < unit.size(); ++i) gradient[i] = (gradient[i] - along * unit[i]) / norm;
}

}  // namespace vecterm
