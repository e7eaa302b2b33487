// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/chart_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vecterm {
namespace {

constexpr double kWantedSteps = 6;
constexpr std::size_t kMostFineMarks = 10;
constexpr int kMostDecades = 10;

/// 1, 2 or 5 times a power of ten, about a `kWantedSteps`th of the range.
double round_step(double range) {
  const double rough = range / kWantedSteps;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power * 1.0001) return factor * power;
  return 10 * power;
}

std::string trimmed(std::string text) {
  if (text.find('.') == std::string::npos || text.find('e') != std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// @param digits  after the decimal point, of the number as it is
std::string spelled(double value, int digits) {
  const double size = std::fabs(value);
  if (size == 0) return "0";
  if (size >= 1e12 || size < 1e-5) return fmt::format("{:.3g}", value);
  struct Unit {
    double size;
    const char* sign;
  };
  for (const auto& [unit, sign] : {Unit{1e9, "G"}, Unit{1e6, "M"}, Unit{1e4, "k"}})
    if (size >= unit) {
      const double scale = unit == 1e4 ? 1e3 : unit;
      return trimmed(fmt::format("{:.{}f}", value / scale, std::max(0, digits + static_cast<int>(std::log10(scale))))) +
             sign;
    }
  return fmt::format("{:.{}f}", value, std::max(0, digits));
}

int digits_of(double step) { return -static_cast<int>(std::floor(std::log10(step) + 1e-9)); }

}  // namespace

ChartAxis::ChartAxis(double low, double high, bool logarithmic) : logarithmic_(logarithmic) {
  logarithmic ? set_logarithmic(low, high) : set_linear(low, high);
}

void ChartAxis::set_linear(double low, double high) {
  if (!(high - low > 1e-12 * std::max(std::fabs(low), std::fabs(high)))) {
    const double margin = low == 0 ? 1 : std::fabs(low) / 10;
    low -= margin;
    high += margin;
  }
  const double step = round_step(high - low);
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  low_ = first * step;
  high_ = last * step;
  for (double i = first; i <= last; ++i)
    ticks_.push_back({(i - first) / (last - first), spelled(i * step, digits_of(step))});
}

void ChartAxis::set_logarithmic(double low, double high) {
  struct Mark {
    double value;
    int decade;
    bool is_power;
  };
  std::vector<Mark> marks;
  const int first = static_cast<int>(std::floor(std::log10(low))) - 1;
  const int last = static_cast<int>(std::ceil(std::log10(high))) + 1;
  for (int decade = first; decade <= last; ++decade)
    for (const double factor : {1.0, 2.0, 5.0}) marks.push_back({factor * std::pow(10, decade), decade, factor == 1});
  // The last one not above the lowest number, and the first one above that is not below the highest.
  const auto above = std::ranges::find_if(marks, [&](const Mark& mark) { return mark.value > low * (1 + 1e-9); });
  marks.erase(marks.begin(), above - 1);
  const auto end =
      std::find_if(marks.begin() + 1, marks.end(), [&](const Mark& mark) { return mark.value >= high * (1 - 1e-9); });
  marks.erase(end + 1, marks.end());
  low_ = std::log10(marks.front().value);
  high_ = std::log10(marks.back().value);
  const bool fine = marks.size() <= kMostFineMarks;
  const int stride = 1 + (last - first) / kMostDecades;
  for (const auto& [value, decade, is_power] : marks)
    if (fine || (is_power && decade % stride == 0)) ticks_.push_back({share(value), spelled(value, digits_of(value))});
}

double ChartAxis::share(double value) const {
  return ((logarithmic_ ? std::log10(value) : value) - low_) / (high_ - low_);
}

}  // namespace vecterm
