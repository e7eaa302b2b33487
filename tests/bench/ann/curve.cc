// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "tests/bench/ann/usage.h"

namespace vecterm::bench {
namespace {

// A pass over the queries ends after this CPU time, larger knobs are then left out, and one longer than the second is
// not repeated.
constexpr double kLongestPass_us = 5e6;
constexpr double kRepeated_us = 2e6;
constexpr std::size_t kFewestQueries = 50;

struct Timed {
  Point point;
  std::vector<double> best_us = {};  ///< of each query
};

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

Timed first_pass(const Curve& curve, std::size_t knob, const Truth& truth, std::size_t queries) {
  Timed timed{{&curve, knob}};
  double sum_us = 0;
  const std::size_t most = curve.asked != 0 ? std::min(curve.asked, queries) : queries;
  for (std::size_t query = 0; query < most; ++query) {
    if (curve.asked == 0 && query >= kFewestQueries && query % 2 == 0 && sum_us > kLongestPass_us) break;
    const double start = thread_cpu_us();
    const Hits hits = curve.search(query, knob);
    timed.best_us.push_back(thread_cpu_us() - start);
    sum_us += timed.best_us.back();
    timed.point.recall += curve.judge ? curve.judge(query, hits) : truth.recall(query, curve.filter, hits);
  }
  timed.point.queries = timed.best_us.size();
  timed.point.recall /= static_cast<double>(timed.point.queries);
  return timed;
}

void repeat(Timed& timed) {
  if (sum(timed.best_us) > kRepeated_us) return;
  for (std::size_t query = 0; query < timed.best_us.size(); ++query) {
    const double start = thread_cpu_us();
    const Hits hits = timed.point.curve->search(query, timed.point.knob);
    timed.best_us[query] = std::min(timed.best_us[query], thread_cpu_us() - start);
  }
}

}  // namespace

std::vector<Point> measure(const std::vector<Curve>& curves, const Truth& truth, std::size_t queries,
                           std::size_t rounds) {
  std::vector<Timed> all;
  for (const Curve& curve : curves) {
    fmt::print(stderr, "ann: {} {} {} filter {:g}: round 1\n", curve.system, curve.plan, curve.family,
               curve.filter.share);
    for (const std::size_t knob : curve.knobs) {
      all.push_back(first_pass(curve, knob, truth, queries));
      if (all.back().point.recall >= curve.enough || all.back().point.queries < queries) break;
    }
  }
  for (std::size_t round = 2; round <= rounds; ++round) {
    fmt::print(stderr, "ann: round {}\n", round);
    for (Timed& timed : all) repeat(timed);
  }
  std::vector<Point> points;
  for (const Timed& timed : all) {
    points.push_back(timed.point);
    points.back().latency_us = median(timed.best_us);
    points.back().mean_us = sum(timed.best_us) / static_cast<double>(timed.best_us.size());
  }
  return points;
}

}  // namespace vecterm::bench
