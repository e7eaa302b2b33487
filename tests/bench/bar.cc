// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/bar.h"

#include <fmt/format.h>

namespace vecterm::bench {
namespace {

bool met(double value, BarSense sense, double bound) {
  if (sense == BarSense::kAtMost) return value <= bound;
  return sense == BarSense::kAtLeast ? value >= bound : value > bound;
}

const char* sign(BarSense sense) {
  if (sense == BarSense::kAtMost) return "<=";
  return sense == BarSense::kAtLeast ? ">=" : ">";
}

}  // namespace

std::string judged(std::optional<double> value, BarSense sense, double bound, int digits) {
  const int width = digits + 4;
  if (!value) return fmt::format("{:>{}}", "-", width);
  return fmt::format("{:>{}.{}f} ({} {:.{}f}) {}", *value, width, digits, sign(sense), bound, digits,
                     met(*value, sense, bound) ? "met" : "MISSED");
}

}  // namespace vecterm::bench
