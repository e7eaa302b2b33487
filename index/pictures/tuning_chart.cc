// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/tuning_chart.h"

#include <fmt/format.h>

#include <cmath>

namespace vecterm {

LineChart tuning_chart(const Tuning& tuning) {
  LineChart chart{.title = fmt::format("Recall@{} of {} queries", tuning.k, tuning.queries),
                  .x_label = "postings a query",
                  .y_label = "recall",
                  .series = {{"by reach", {}}, {"by probes", {}}},
                  .log_x = true,
                  .log_y = false};
  // A point that finds no more than a cheaper one of its kind is not worth a dot.
  for (const TuningPoint& point : tuning.curve) {
    auto& points = chart.series[std::isfinite(point.limits.reach) ? 0 : 1].points;
    if (points.empty() || point.recall > points.back().y) points.push_back({point.postings, point.recall});
  }
  return chart;
}

}  // namespace vecterm
