// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "analyzers/base/atomic_file.h"
#include "analyzers/errors.h"
#include "index/pictures/chart_axis.h"
#include "index/pictures/svg.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxSeries = 16;
constexpr double kLargest = 1e300;
constexpr double kSmallest = 1e-300;  ///< of a logarithmic axis
constexpr double kPlotWidth = 600;
constexpr double kPlotHeight = 340;
constexpr double kTop = 52;
constexpr double kBottom = 58;
constexpr double kFont = 13;
constexpr double kTitleFont = 17;
constexpr double kLegendStep = 19;
constexpr double kSwatch = 18;
constexpr std::size_t kMostMarkedPoints = 40;

void check_number(const std::string& series, const char* axis, double value, double least) {
  if (!(value >= least && value <= kLargest))
    throw InvalidArgument(
        fmt::format("chart series \"{}\": {} must be in [{}, {}]; was {}", series, axis, least, kLargest, value));
}

void check(const LineChart& chart) {
  if (chart.series.empty() || chart.series.size() > kMaxSeries)
    throw InvalidArgument(
        fmt::format("series of a chart must be in [1, {}]; were {}", kMaxSeries, chart.series.size()));
  std::size_t points = 0;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint point : series.points) {
      ++points;
      for (const auto& [axis, value, logarithmic] :
           {std::tuple("x", point.x, chart.log_x), std::tuple("y", point.y, chart.log_y)})
        check_number(series.name, axis, value, logarithmic ? kSmallest : -kLargest);
    }
  if (points == 0) throw InvalidArgument("a chart must have at least 1 point; had 0");
}

ChartAxis axis_of(const LineChart& chart, double ChartPoint::*coordinate, bool logarithmic) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      low = std::min(low, point.*coordinate);
      high = std::max(high, point.*coordinate);
    }
  // A chart that nearly reaches down to 0 should.
  if (!logarithmic && low > 0 && low < 0.3 * high) low = 0;
  return {low, high, logarithmic};
}

class Drawing {
 public:
  explicit Drawing(const LineChart& chart)
      : chart_(chart),
        x_(axis_of(chart, &ChartPoint::x, chart.log_x)),
        y_(axis_of(chart, &ChartPoint::y, chart.log_y)) {
    double widest = 0;
    for (const ChartAxis::Tick& tick : y_.ticks()) widest = std::max(widest, svg::text_width(tick.label, kFont));
    left_ = std::ceil(widest) + 22 + (chart.y_label.empty() ? 0 : 24);
  }

  std::string svg() {
    grid();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw(i);
    const double legend = legend_width();
    names();
    body_ += svg::text(left_, 28, chart_.title, kTitleFont, svg::kInk, "start", R"(font-weight="600")");
    const double width = std::max(left_ + kPlotWidth + (legend > 0 ? legend : 28),
                                  left_ + svg::text_width(chart_.title, kTitleFont * 1.1) + 16);
    return svg::picture(width, kTop + kPlotHeight + kBottom, chart_.title, body_);
  }

 private:
  double px(double share) const { return left_ + share * kPlotWidth; }
  static double py(double share) { return kTop + (1 - share) * kPlotHeight; }
  double x_of(ChartPoint point) const { return px(x_.share(point.x)); }
  double y_of(ChartPoint point) const { return py(y_.share(point.y)); }

  void grid() {
    for (const auto& [share, label] : y_.ticks()) {
      body_ += svg::line(left_, py(share), px(1), py(share), svg::kGrid, 1);
      body_ += svg::text(left_ - 8, py(share) + kFont * 0.35, label, kFont, svg::kFaintInk, "end");
    }
    for (const auto& [share, label] : x_.ticks()) {
      body_ += svg::line(px(share), kTop, px(share), py(0), svg::kGrid, 1);
      body_ += svg::text(px(share), py(0) + 20, label, kFont, svg::kFaintInk, "middle");
    }
    body_ += svg::line(left_, py(0), px(1), py(0), "#777777", 1.2);
    body_ += svg::text(px(0.5), py(0) + 46, chart_.x_label, kFont, svg::kFaintInk, "middle");
    const std::string turned = fmt::format("transform=\"rotate(-90 18 {})\"", svg::number(py(0.5)));
    if (!chart_.y_label.empty())
      body_ += svg::text(18, py(0.5), chart_.y_label, kFont, svg::kFaintInk, "middle", turned);
  }

  static const svg::Colour& colour(std::size_t series) { return svg::kPalette[series % svg::kPalette.size()]; }
  static const char* dashes(std::size_t series) {
    return series < svg::kPalette.size() ? "" : R"( stroke-dasharray="7 4")";
  }

  void draw(std::size_t series) {
    const auto& points = chart_.series[series].points;
    if (points.empty()) return;
    std::string path;
    for (const ChartPoint point : points)
      path += fmt::format("{}{},{}", path.empty() ? "" : " ", svg::number(x_of(point)), svg::number(y_of(point)));
    body_ += fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.2\" stroke-linejoin=\"round\" "
        "stroke-linecap=\"round\"{}/>\n",
        path, colour(series).fill, dashes(series));
    if (points.size() > kMostMarkedPoints) return;
    for (const ChartPoint point : points)
      body_ +=
          fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"3.6\" fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"1.2\"/>\n",
                      svg::number(x_of(point)), svg::number(y_of(point)), colour(series).fill);
  }

  std::vector<std::size_t> named() const {
    std::vector<std::size_t> named;
    for (std::size_t i = 0; i < chart_.series.size(); ++i)
      if (!chart_.series[i].name.empty() && !chart_.series[i].points.empty()) named.push_back(i);
    std::ranges::stable_sort(named, {}, [&](std::size_t i) { return y_of(chart_.series[i].points.back()); });
    return named;
  }

  double legend_width() const {
    double widest = 0;
    for (const std::size_t series : named())
      widest = std::max(widest, kSwatch + 34 + svg::text_width(chart_.series[series].name, kFont));
    return widest;
  }

  /// Names at the height where their lines end, in that order, pushed apart.
  void names() {
    const std::vector<std::size_t> order = named();
    std::vector<double> heights;
    for (const std::size_t series : order) {
      const double wanted = y_of(chart_.series[series].points.back());
      heights.push_back(heights.empty() ? wanted : std::max(wanted, heights.back() + kLegendStep));
    }
    double lowest = py(0);
    for (std::size_t i = heights.size(); i-- > 0; lowest -= kLegendStep) heights[i] = std::min(heights[i], lowest);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double x = px(1) + 14;
      body_ += fmt::format("<line x1=\"{0}\" y1=\"{1}\" x2=\"{2}\" y2=\"{1}\" stroke=\"{3}\" stroke-width=\"3\"{4}/>\n",
                           svg::number(x), svg::number(heights[i]), svg::number(x + kSwatch), colour(order[i]).fill,
                           dashes(order[i]));
      body_ += svg::text(x + kSwatch + 7, heights[i] + kFont * 0.35, chart_.series[order[i]].name, kFont,
                         colour(order[i]).text);
    }
  }

  const LineChart& chart_;
  ChartAxis x_;
  ChartAxis y_;
  double left_ = 0;
  std::string body_;
};

}  // namespace

std::string line_chart_svg(const LineChart& chart) {
  check(chart);
  return Drawing(chart).svg();
}

void write_line_chart(const std::string& path, const LineChart& chart) {
  write_file_atomically(path, line_chart_svg(chart));
}

}  // namespace vecterm
