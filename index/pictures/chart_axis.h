// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace vecterm {

/// An axis of a chart: maps numbers to [0, 1] and knows its round numbers. Internal.
class ChartAxis {
 public:
  struct Tick {
    double share = 0;  ///< where on the axis, in [0, 1]
    std::string label;
  };

  /// Covers [low, high] and ends at round numbers. REQUIRES: finite, low <= high; with `logarithmic` 0 < low.
  ChartAxis(double low, double high, bool logarithmic);

  double share(double value) const;
  const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  void set_linear(double low, double high);
  void set_logarithmic(double low, double high);

  bool logarithmic_;
  double low_ = 0;   ///< of the axis; its logarithm where logarithmic
  double high_ = 1;  ///< of the axis; its logarithm where logarithmic
  std::vector<Tick> ticks_;
};

}  // namespace vecterm
