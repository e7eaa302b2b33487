// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tests/bench/bar.h"

namespace vecterm::bench {
namespace {

constexpr double kTolerance = 0.005;  // of nDCG@10

// One ranking less another, by one of their estimates.
struct Bar {
  std::string set;
  const char* measure;
  Estimate RankingResults::*estimate;
  const char* ranking;
  const char* other;
  BarSense sense;
  double bound;
};

std::vector<Bar> bars() {
  std::vector<Bar> bars;
  for (const char* set : kSets)
    bars.push_back({set, "nDCG@10", &RankingResults::ndcg_10, kDefault, kWords, BarSense::kAtLeast, -kTolerance});
  for (const char* other : {kWords, kVector})
    bars.push_back({"debian_related", "Recall@100", &RankingResults::recall_100, kDefault, other, BarSense::kAbove, 0});
  bars.push_back({"goodbooks", "nDCG@10", &RankingResults::ndcg_10, kFitted, kVector, BarSense::kAtLeast, -kTolerance});
  return bars;
}

std::optional<double> difference(const Bar& bar, const std::vector<SetResults>& results) {
  const auto found = std::ranges::find(results, bar.set, &SetResults::set);
  if (found == results.end()) return {};
  return (found->of(bar.ranking).*bar.estimate).mean - (found->of(bar.other).*bar.estimate).mean;
}

}  // namespace

std::string bar_table(const std::vector<SetResults>& results) {
  std::string table = "\n";
  for (const Bar& bar : bars()) {
    const std::string name = fmt::format("{}: {}, {} - {}", bar.set, bar.measure, bar.ranking, bar.other);
    table += fmt::format("{:<56}{}\n", name, judged(difference(bar, results), bar.sense, bar.bound, 4));
  }
  return table;
}

}  // namespace vecterm::bench
