// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>

#include "analyzers/progress.h"

namespace vecterm {

/// Passes progress on at most five times a second. The function must outlive it.
class ThrottledProgress {
 public:
  explicit ThrottledProgress(const ProgressFunction& function) : function_(function) {}

  /// @param make  called only where the progress is passed on; returns a Progress
  template <class Make>
  void operator()(const Make& make) {
    if (!function_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    function_(make());
  }

 private:
  const ProgressFunction& function_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace vecterm
