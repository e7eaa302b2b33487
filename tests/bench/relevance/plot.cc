// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "index/pictures/svg.h"

namespace vecterm::bench {
namespace {

constexpr double kWidth = 1200;
constexpr double kLeft = 70;
constexpr double kRight = 16;
constexpr double kTop = 78;
constexpr double kPlotHeight = 440;
constexpr double kBottom = 40;
constexpr double kFont = 13;
constexpr double kTitleFont = 17;
constexpr double kTicks[]{0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 1};
constexpr double kLinear = 0.003;  // differences of less than about this are drawn to scale, larger ones by logarithm

double compressed(double difference) { return std::asinh(difference / kLinear); }

class Drawing {
 public:
  explicit Drawing(const std::vector<SetResults>& results) : results_(results) {
    for (const SetResults& set : results)
      for (const RankingResults& ranking : set.rankings) {
        low_ = std::min(low_, ranking.ndcg_10_gain.low);
        high_ = std::max(high_, ranking.ndcg_10_gain.high);
      }
    low_ = -tick_beyond(-low_);
    high_ = tick_beyond(high_);
  }

  std::string svg() {
    grid();
    legend();
    for (std::size_t i = 0; i < results_.size(); ++i) draw_set(i);
    const std::string title = "nDCG@10 beyond words alone, 95 % bootstrap intervals (logarithmic beyond 0.003)";
    body_ += svg::text(kLeft, 28, title, kTitleFont, svg::kInk, "start", R"(font-weight="600")");
    return svg::picture(kWidth, kTop + kPlotHeight + kBottom, title, body_);
  }

 private:
  static double tick_beyond(double value) {
    return *std::ranges::find_if(kTicks, [&](double tick) { return tick >= value; });
  }

  double y(double difference) const {
    const double share = (compressed(difference) - compressed(low_)) / (compressed(high_) - compressed(low_));
    return kTop + (1 - share) * kPlotHeight;
  }

  double group_width() const { return (kWidth - kLeft - kRight) / static_cast<double>(results_.size()); }
  double group_left(std::size_t set) const { return kLeft + static_cast<double>(set) * group_width(); }

  void grid_line(double difference) {
    body_ += svg::line(kLeft, y(difference), kWidth - kRight, y(difference), difference == 0 ? "#777777" : svg::kGrid,
                       difference == 0 ? 1.4 : 1);
    const std::string label = difference == 0 ? "words" : fmt::format("{:+g}", difference);
    body_ += svg::text(kLeft - 8, y(difference) + kFont * 0.35, label, kFont, svg::kFaintInk, "end");
  }

  void grid() {
    for (const double tick : kTicks) {
      if (tick <= high_) grid_line(tick);
      if (tick > 0 && -tick >= low_) grid_line(-tick);
    }
    for (std::size_t i = 0; i <= results_.size(); ++i)
      body_ += svg::line(group_left(i), kTop, group_left(i), kTop + kPlotHeight, svg::kGrid, 1);
  }

  // Words are the line at 0.
  static const svg::Colour& colour(std::size_t ranking) { return svg::kPalette[ranking - 1]; }

  void mark(double x, double at, std::size_t ranking) {
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"{}\" stroke=\"#ffffff\" stroke-width=\"1.2\"/>\n",
                         svg::number(x), svg::number(at), colour(ranking).fill);
  }

  void legend() {
    double x = kLeft + 6;
    const auto& rankings = results_.front().rankings;
    for (std::size_t i = 1; i < rankings.size(); ++i) {
      mark(x, 54, i);
      body_ += svg::text(x + 10, 54 + kFont * 0.35, rankings[i].name, kFont, colour(i).text);
      x += 30 + svg::text_width(rankings[i].name, kFont);
    }
  }

  void draw_set(std::size_t set) {
    const auto& rankings = results_[set].rankings;
    for (std::size_t i = 1; i < rankings.size(); ++i) {
      const double x = group_left(set) + group_width() * static_cast<double>(i) / static_cast<double>(rankings.size());
      const Estimate& gain = rankings[i].ndcg_10_gain;
      body_ += svg::line(x, y(gain.low), x, y(gain.high), colour(i).fill, 2.2);
      mark(x, y(gain.mean), i);
    }
    body_ += svg::text(group_left(set) + group_width() / 2, kTop + kPlotHeight + 24, results_[set].set, kFont,
                       svg::kInk, "middle");
  }

  const std::vector<SetResults>& results_;
  double low_ = -kTicks[1];
  double high_ = kTicks[1];
  std::string body_;
};

}  // namespace

std::string gain_chart(const std::vector<SetResults>& results) { return Drawing(results).svg(); }

}  // namespace vecterm::bench
