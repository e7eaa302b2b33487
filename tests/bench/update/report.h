// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/update/figures.h"

namespace vecterm::bench {

struct Result {
  std::string name;
  double seconds = 0;  ///< of training
  Figures figures;
};

/// A line a follower.
std::string table(const std::vector<Result>& results);

/// A JSON object for each follower, a line each.
std::string json_lines(const std::vector<Result>& results);

struct Verdict {
  std::string text;  ///< a line a bar
  bool met = false;  ///< all of them
};

/// The default update against what an update must not lose and must save.
Verdict bars(const std::vector<Result>& results);

}  // namespace vecterm::bench
