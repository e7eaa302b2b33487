// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/curve.h"

namespace vecterm::bench {

/// Everything measured on one set.
struct SetReport {
  std::string set;
  std::size_t documents = 0;
  double words_s = 0;                      ///< CPU time of indexing words
  double mixed_s = 0;                      ///< of indexing words, tokens and vectors
  double learning_s = 0;                   ///< of learning the cells
  double hashing_s = 0;                    ///< of making all tokens from ready vectors
  std::uint64_t words_resident_bytes = 0;  ///< of a process that searches words
  std::uint64_t mixed_resident_bytes = 0;  ///< of one that searches by vectors too
  std::vector<Curve> curves = {};
  std::vector<Point> points = {};  ///< of `curves`
};

/// The points, a line each.
std::string point_table(const SetReport& report);

/// A JSON object for each point, a line each.
std::string point_lines(const SetReport& report);

/// Recall from .8 on against latency, of what was searched without a filter.
void plot(const SetReport& report, const std::string& path);

}  // namespace vecterm::bench
