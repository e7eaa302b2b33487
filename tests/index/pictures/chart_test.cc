// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/chart.h"

#include <cmath>
#include <limits>

#include "analyzers/errors.h"
#include "index/pictures/chart_axis.h"
#include "index/pictures/svg.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::string labels(double low, double high, bool logarithmic = false) {
  std::string joined;
  const ChartAxis axis(low, high, logarithmic);
  for (const ChartAxis::Tick& tick : axis.ticks()) joined += (joined.empty() ? "" : " ") + tick.label;
  return joined;
}

LineChart chart_of(std::vector<ChartPoint> points) { return {"title", "x", "y", {{"a", std::move(points)}}}; }

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("an axis ends at round numbers and steps by 1, 2 or 5") {
  CHECK(labels(0, 5) == "0 1 2 3 4 5");
  CHECK(labels(0.013, 0.52) == "0 0.1 0.2 0.3 0.4 0.5 0.6");
  CHECK(labels(-3, 8) == "-4 -2 0 2 4 6 8");
  CHECK(labels(0.981, 0.9835) == "0.9810 0.9815 0.9820 0.9825 0.9830 0.9835");
  CHECK(labels(0, 1300000) == "0 500k 1M 1.5M");
  CHECK(labels(0, 42000) == "0 10k 20k 30k 40k 50k");
  CHECK(labels(7, 7) == "6.0 6.5 7.0 7.5 8.0");
  CHECK(labels(0, 0) == "-1.0 -0.5 0 0.5 1.0");
}

TEST_CASE("a logarithmic axis shows 1, 2, 5 over few decades and powers of ten over many") {
  CHECK(labels(0.08, 3, true) == "0.05 0.1 0.2 0.5 1 2 5");
  CHECK(labels(1, 10, true) == "1 2 5 10");
  CHECK(labels(3, 3, true) == "2 5");
  CHECK(labels(1, 200000, true) == "1 10 100 1000 10k 100k");
  const std::vector<ChartAxis::Tick> many = ChartAxis(1e-30, 1e30, true).ticks();
  CHECK(many.size() > 3);
  CHECK(many.size() < 15);
}

TEST_CASE("every number lies within its axis, and the ticks ascend") {
  for (const auto& [low, high] : {std::pair(0.0, 1e-9), std::pair(-7.3, 1e6), std::pair(3.0, 3.0000001),
                                  std::pair(-1e300, 1e300), std::pair(1e-300, 2e-300), std::pair(12.0, 99.0)})
    for (const bool logarithmic : {false, true}) {
      if (logarithmic && low <= 0) continue;
      CAPTURE(low);
      CAPTURE(high);
      const ChartAxis axis(low, high, logarithmic);
      CHECK(axis.share(low) >= -1e-9);
      CHECK(axis.share(high) <= 1 + 1e-9);
      CHECK(axis.ticks().size() >= 2);
      for (std::size_t i = 1; i < axis.ticks().size(); ++i) CHECK(axis.ticks()[i - 1].share < axis.ticks()[i].share);
    }
}

TEST_CASE("a chart is one SVG with a line for each series, the same bytes each time") {
  LineChart chart = chart_of({{0, 1}, {1, 2}, {2, 1.5}});
  chart.series.push_back({"b", {{0, 3}, {2, 2}}});
  const std::string svg = line_chart_svg(chart);
  CHECK(svg.starts_with("<svg "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(occurrences(svg, "<polyline ") == 2);
  CHECK(occurrences(svg, "<circle ") == 5);
  CHECK(occurrences(svg, ">title</") == 2);
  CHECK(svg == line_chart_svg(chart));
}

TEST_CASE("names of a chart are escaped") {
  LineChart chart = chart_of({{0, 1}});
  chart.title = "<a & \"b\">";
  chart.series[0].name = "x\x01y\xffz";
  const std::string svg = line_chart_svg(chart);
  CHECK(occurrences(svg, "&lt;a &amp; &quot;b&quot;&gt;") == 2);
  CHECK(occurrences(svg, "x y\xef\xbf\xbdz") == 1);
}

TEST_CASE("text for SVG is valid XML whatever the bytes were") {
  CHECK(svg::escaped("caf\xc3\xa9 \xe6\x97\xa5") == "caf\xc3\xa9 \xe6\x97\xa5");
  CHECK(svg::escaped(std::string("\0\t\x7f", 3)) == "   ");
  CHECK(svg::escaped("\xef\xbf\xbf\xed\xa0\x80").find('\xed') == std::string::npos);
  CHECK(svg::number(-0.001) == "0");
  CHECK(svg::number(12.5) == "12.5");
  CHECK(svg::text_width("\xe6\x97\xa5", 10) > svg::text_width("i", 10));
}

TEST_CASE("what a chart cannot show is refused with the series' name") {
  CHECK_THROWS_WITH_AS(line_chart_svg({}), "series of a chart must be in [1, 16]; were 0", InvalidArgument);
  CHECK_THROWS_AS(line_chart_svg(chart_of({})), InvalidArgument);
  CHECK_THROWS_AS(line_chart_svg(chart_of({{0, NAN}})), InvalidArgument);
  CHECK_THROWS_AS(line_chart_svg(chart_of({{std::numeric_limits<double>::infinity(), 0}})), InvalidArgument);
  LineChart chart = chart_of({{0, 1}});
  chart.log_x = true;
  CHECK_THROWS_WITH_AS(line_chart_svg(chart), "chart series \"a\": x must be in [1e-300, 1e+300]; was 0",
                       InvalidArgument);
}

TEST_CASE("a chart is written as a whole") {
  const test::TemporaryDirectory directory;
  const LineChart chart = chart_of({{0, 1}, {1, 2}});
  write_line_chart(directory / "chart.svg", chart);
  CHECK(test::read_file(directory / "chart.svg") == line_chart_svg(chart));
  CHECK_THROWS_AS(write_line_chart(directory / "nowhere/chart.svg", chart), DiskError);
}
