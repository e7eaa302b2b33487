// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/tuning_curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace vecterm {
namespace {

constexpr double kEnough = 0.9995;           // recall beyond which a curve says nothing new
constexpr double kFirstReach = 1.0 / 65536;  // families differ in what their costs count
constexpr double kLastReach = 1e6;
constexpr double kMostProbes = 4096;
constexpr int kBisections = 3;  // of the interval around the wanted recall

/// One kind of limits: which ones a number stands for.
struct LimitsOf {
  std::size_t most = 0;  ///< the number is a reach, with so many buckets at most; 0 = the number is that of buckets

  ProbeLimits operator()(double number) const {
    if (most == 0) return static_cast<std::size_t>(std::lround(number));
    return {most, number};
  }
};

bool same(const ProbeLimits& a, const ProbeLimits& b) { return a.most == b.most && a.reach == b.reach; }

// Doubles the number up to `last`, then looks closer around the wanted recall.
std::vector<TuningPoint> sweep(const MeasureLimits& measure, double recall, double first, double last,
                               const LimitsOf& limits_of) {
  std::vector<TuningPoint> points;
  double below = 0;
  double above = 0;
  for (double x = first; x <= last && (points.empty() || points.back().recall < std::max(kEnough, recall)); x *= 2) {
    const TuningPoint point = measure(limits_of(x));
    if (point.recall < recall) below = x;
    if (point.recall >= recall && above == 0) above = x;
    // Steps that look no farther say nothing new.
    const bool farther = points.empty() || point.probes > points.back().probes;
    if (!farther) points.pop_back();
    points.push_back(point);
    const bool at_end =
        std::isinf(point.limits.reach) ? !farther : point.probes > 0.999 * static_cast<double>(point.limits.most);
    if (at_end) break;
  }
  for (int i = 0; i < kBisections && below > 0 && above > below; ++i) {
    const double x = std::sqrt(below * above);
    if (same(limits_of(x), limits_of(below)) || same(limits_of(x), limits_of(above))) break;
    points.push_back(measure(limits_of(x)));
    (points.back().recall < recall ? below : above) = x;
  }
  return points;
}

std::string best_seen(const std::vector<TuningPoint>& curve) {
  const auto best = std::ranges::max_element(curve, {}, &TuningPoint::recall);
  return fmt::format("{:.4f} at {:.1f} probes and {:.0f} postings a query", best->recall, best->probes, best->postings);
}

}  // namespace

std::vector<TuningPoint> tuning_curve(double recall, const MeasureLimits& measure) {
  std::vector<TuningPoint> curve = sweep(measure, recall, 1, kMostProbes, {});
  std::size_t enough = 0;
  for (const TuningPoint& point : curve)
    if (point.recall >= recall && (enough == 0 || point.limits.most < enough)) enough = point.limits.most;
  if (enough > 0) {
    // A reach lets near queries stop early, so that far ones may go on for longer.
    const auto with_reach = sweep(measure, recall, kFirstReach, kLastReach, {.most = 2 * enough});
    curve.insert(curve.end(), with_reach.begin(), with_reach.end());
  }
  std::ranges::stable_sort(curve, {}, &TuningPoint::cost);
  return curve;
}

const TuningPoint* cheapest_with(const std::vector<TuningPoint>& curve, double recall) {
  const auto found = std::ranges::find_if(curve, [&](const TuningPoint& point) { return point.recall >= recall; });
  return found == curve.end() ? nullptr : &*found;
}

DataError unreached(const std::vector<TuningPoint>& curve, double recall) {
  return DataError(
      fmt::format("no limits reach a recall of {}; the best seen was {}: ask for less, search exactly, or learn a "
                  "hash space with fewer and larger buckets",
                  recall, best_seen(curve)));
}

}  // namespace vecterm
