// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/scenario.h"

namespace vecterm::faults {

/// Where one run is killed.
struct KillPoint {
  const Rehearsal* rehearsal;
  Orders::Kill kill;
  bool twice;  ///< the run that goes on is killed, too
  std::uint64_t seed;

  /// The name under which it is counted: commits that activate or retire a generation are named after that.
  std::string step() const;
  /// "update 2, killed within flush 17, twice"
  std::string describe() const;
};

/// Points spread over all steps and moments of the runs, at random and without repetition.
/// @param most  of each step and moment of each scenario; where a step occurs less often, all its occurrences are taken
std::vector<KillPoint> choose_kill_points(const std::vector<Rehearsal>& rehearsals, std::size_t most,
                                          std::uint64_t seed);

/// Kills a run there, inspects what is left, lets it go on to its end, and compares that with the run that was never
/// killed. @returns what was wrong
std::vector<std::string> run_kill_point(const KillPoint& point, const std::string& directory);

}  // namespace vecterm::faults
