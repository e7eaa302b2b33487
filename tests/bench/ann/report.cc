// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/ann/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "index/pictures/chart.h"

namespace vecterm::bench {
namespace {

constexpr double kLeastPlotted = 0.8;  // recall

}  // namespace

std::string point_table(const SetReport& report) {
  std::string table = fmt::format("\n{}: {} documents\n{:<11} {:<12} {:<15} {:>6} {:>6} {:>8} {:>8} {:>12} {:>10}\n",
                                  report.set, report.documents, "system", "plan", "family", "filter", "knob", "queries",
                                  "recall", "latency (us)", "mean (us)");
  for (const Point& point : report.points) {
    const Curve& curve = *point.curve;
    table += fmt::format("{:<11} {:<12} {:<15} {:>6g} {:>6} {:>8} {:>8.4f} {:>12.1f} {:>10.1f}\n", curve.system,
                         curve.plan, curve.family, curve.filter.share, point.knob, point.queries, point.recall,
                         point.latency_us, point.mean_us);
  }
  table += fmt::format("\n{:<11} {:<12} {:<15} {:>11} {:>10} {:>13}\n", "system", "plan", "family", "build (s)",
                       "disk (MB)", "resident (MB)");
  for (const Curve& curve : report.curves)
    if (curve.filter.share == 1)
      table += fmt::format("{:<11} {:<12} {:<15} {:>11.1f} {:>10.1f} {:>13.1f}\n", curve.system, curve.plan,
                           curve.family, curve.costs.build_s, static_cast<double>(curve.costs.disk_bytes) / 1e6,
                           static_cast<double>(curve.costs.resident_bytes) / 1e6);
  return table;
}

std::string point_lines(const SetReport& report) {
  std::string lines;
  for (const Point& point : report.points) {
    const Curve& curve = *point.curve;
    const nlohmann::ordered_json json{{"set", report.set},
                                      {"n", report.documents},
                                      {"system", curve.system},
                                      {"plan", curve.plan},
                                      {"family", curve.family},
                                      {"filter", curve.filter.share},
                                      {"knob", point.knob},
                                      {"queries", point.queries},
                                      {"recall", point.recall},
                                      {"latency_us", point.latency_us},
                                      {"mean_us", point.mean_us},
                                      {"build_s", curve.costs.build_s},
                                      {"disk_bytes", curve.costs.disk_bytes},
                                      {"resident_bytes", curve.costs.resident_bytes}};
    lines += json.dump() + "\n";
  }
  return lines;
}

void plot(const SetReport& report, const std::string& path) {
  LineChart chart;
  chart.title = fmt::format("{}: {} documents, one thread", report.set, report.documents);
  chart.x_label = "recall@10";
  chart.y_label = "CPU time a query (us)";
  chart.log_y = true;
  for (const Curve& curve : report.curves) {
    if (curve.filter.share != 1 || curve.plan == "words" || curve.plan == "mixed") continue;
    ChartSeries series;
    series.name = curve.system;
    for (const std::string& part : {curve.plan, curve.family})
      if (!part.empty() && part != curve.system) series.name += " " + part;
    for (const Point& point : report.points)
      if (point.curve == &curve && point.recall >= kLeastPlotted)
        series.points.push_back({point.recall, point.latency_us});
    if (!series.points.empty()) chart.series.push_back(series);
  }
  write_line_chart(path, chart);
}

}  // namespace vecterm::bench
