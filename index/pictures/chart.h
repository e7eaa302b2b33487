// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace vecterm {

struct ChartPoint {
  double x = 0;
  double y = 0;
};

/// A line of a chart. Its points are joined in the order given.
struct ChartSeries {
  std::string name;  ///< "" = not in the legend
  std::vector<ChartPoint> points;
};

struct LineChart {
  std::string title;
  std::string x_label;  ///< with the unit: "time (s)"
  std::string y_label;
  std::vector<ChartSeries> series;  ///< 1 to 16; beyond 9 the colours come again, dashed
  bool log_x = false;               ///< logarithmic axes show numbers above 0 only
  bool log_y = false;
};

/// The chart as a standalone SVG picture: round numbers on the axes, a light grid, names beside the lines, colours that
/// people with colour vision deficiencies tell apart. The same chart gives the same bytes.
/// @throws InvalidArgument where there is no point or no series or more than 16, a number is not in
///         [-1e300, 1e300], or one of a logarithmic axis not in [1e-300, 1e300]
std::string line_chart_svg(const LineChart& chart);

/// Writes it to a file, as a whole or not at all. @throws DiskError naming the file, InvalidArgument as above
void write_line_chart(const std::string& path, const LineChart& chart);

}  // namespace vecterm
