// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "tests/bench/bar.h"

namespace vecterm::bench {
namespace {

using Ratio = std::optional<double>;  ///< nothing = not measured, or the recall not reached

constexpr double kRecall = 0.95;

struct Bar {
  const char* name;
  std::function<Ratio(const SetReport&)> measured;
  double at_64k;
  double at_1m;
  BarSense sense = BarSense::kAtMost;
};

// Nothing where either was not measured.
Ratio quotient(Ratio a, Ratio b) { return a && b && *a > 0 && *b > 0 ? Ratio(*a / *b) : Ratio(); }

// Between the last point below the recall and the first that reaches it.
Ratio latency_on(const SetReport& report, const Curve& curve, double recall) {
  const Point* before = nullptr;
  for (const Point& point : report.points) {
    if (point.curve != &curve) continue;
    if (point.recall >= recall) {
      if (before == nullptr) return point.latency_us;
      const double part = (recall - before->recall) / (point.recall - before->recall);
      return before->latency_us + part * (point.latency_us - before->latency_us);
    }
    before = &point;
  }
  return {};
}

bool is(const Curve& curve, const std::string& system, const std::string& plan, double share) {
  return curve.system == system && (plan.empty() || curve.plan == plan) && curve.filter.share == share &&
         (curve.system != "vecterm" || curve.family == "cells" || curve.family.empty());
}

// The least latency of the curves of a system at a recall.
Ratio latency(const SetReport& report, const std::string& system, const std::string& plan, double recall = kRecall,
              double share = 1) {
  Ratio best;
  for (const Curve& curve : report.curves)
    if (is(curve, system, plan, share))
      if (const Ratio at = latency_on(report, curve, recall); at && (!best || *at < *best)) best = at;
  return best;
}

Ratio best_recall(const SetReport& report, double share) {
  Ratio best;
  for (const Point& point : report.points)
    if (is(*point.curve, "vecterm", "", share)) best = std::max(best.value_or(0), point.recall);
  return best;
}

Ratio against(const SetReport& report, const std::string& plan, const std::string& system) {
  return quotient(latency(report, "vecterm", plan), latency(report, system, ""));
}

Ratio against_over_fetching(const SetReport& report, double share, double recall) {
  return quotient(latency(report, "vecterm", "", recall, share), latency(report, "hnswlib", "over-fetch", 0.99, share));
}

const Costs* costs(const SetReport& report, const std::string& system) {
  const auto found = std::find_if(report.curves.begin(), report.curves.end(),
                                  [&](const Curve& curve) { return curve.system == system; });
  return found != report.curves.end() ? &found->costs : nullptr;
}

Ratio build_ratio(const SetReport& report) {
  const Costs* graph = costs(report, "hnswlib");
  return graph != nullptr ? quotient(report.learning_s + report.hashing_s, graph->build_s) : Ratio();
}

Ratio resident_ratio(const SetReport& report) {
  const Costs* graph = costs(report, "hnswlib");
  if (graph == nullptr) return {};
  return quotient(static_cast<double>(report.mixed_resident_bytes - report.words_resident_bytes),
                  static_cast<double>(graph->resident_bytes));
}

std::vector<Bar> bars() {
  using R = const SetReport&;
  return {
      {"direct / hnswlib", [](R r) { return against(r, "direct", "hnswlib"); }, 2, 2},
      {"cached / hnswlib", [](R r) { return against(r, "cached", "hnswlib"); }, 0.9, 1.1},
      {"direct / Faiss IVFFlat", [](R r) { return against(r, "direct", "faiss-ivf"); }, 1 / 3.0, 1 / 5.0},
      {"direct / exact int8 scan", [](R r) { return against(r, "direct", "exact"); }, 1 / 2.5, 1 / 30.0},
      {"1 % filter: recall", [](R r) { return best_recall(r, 0.01); }, 1, 1, BarSense::kAtLeast},
      {"1 % filter / hnswlib at .99", [](R r) { return against_over_fetching(r, 0.01, 1); }, 1 / 7.0, 1 / 10.0},
      {"0.1 % filter: recall", [](R r) { return best_recall(r, 0.001); }, 1, 1, BarSense::kAtLeast},
      {"0.1 % filter / no filter",
       [](R r) { return quotient(latency(r, "vecterm", "", 1, 0.001), latency(r, "vecterm", "direct")); }, 1 / 5.0,
       1 / 10.0},
      {"10 % filter: recall", [](R r) { return best_recall(r, 0.1); }, 0.99, 0.99, BarSense::kAtLeast},
      {"10 % filter / hnswlib at .99", [](R r) { return against_over_fetching(r, 0.1, 0.99); }, 1, 1},
      {"mixed / words",
       [](R r) { return quotient(latency(r, "vecterm", "mixed", 0), latency(r, "vecterm", "words", 0)); }, 1.3, 1.2},
      {"indexing CPU / words only", [](R r) { return quotient(r.mixed_s, r.words_s); }, 1.3, 1.3},
      {"tokens / building hnswlib", build_ratio, 1 / 8.0, 1 / 10.0},
      {"resident / hnswlib", resident_ratio, 1 / 2.0, 1 / 3.0},
  };
}

}  // namespace

std::string bar_table(const std::vector<SetReport>& reports) {
  std::string table = fmt::format("\n{:<30}", "ratio of latencies, cells");
  for (const SetReport& report : reports) table += fmt::format("{:>26}", report.set);
  table += '\n';
  for (const Bar& bar : bars()) {
    table += fmt::format("{:<30}", bar.name);
    for (const SetReport& report : reports)
      table +=
          fmt::format("{:>26}", judged(bar.measured(report), bar.sense, report.set == "64k" ? bar.at_64k : bar.at_1m));
    table += '\n';
  }
  for (const SetReport& report : reports)
    table +=
        fmt::format("{}: learning the cells took {:.1f} s of CPU beside indexing's {:.1f} s (words only {:.1f} s)\n",
                    report.set, report.learning_s, report.mixed_s, report.words_s);
  return table;
}

}  // namespace vecterm::bench
