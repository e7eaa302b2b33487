// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/scenario.h"

namespace vecterm::faults {

/// Something that the system does to a run.
struct Refusal {
  std::string_view name;
  Call call = {};
  int error = 0;
  bool lasting = false;
  std::vector<int> codes = {};        ///< exit codes that tell it
  const char* disturbance = nullptr;  ///< instead: no failure, but one of plan.h's disturbances
};

/// Where one run meets it.
struct RefusalPoint {
  const Rehearsal* rehearsal;
  const Refusal* refusal;
  std::uint64_t number;  ///< of the call

  /// "update 2, no memory at call 17"
  std::string describe() const;
};

/// Points at random, `most` of each kind of refusal, over the runs in turn.
std::vector<RefusalPoint> choose_refusal_points(const std::vector<Rehearsal>& rehearsals, std::size_t most,
                                                std::uint64_t seed);

/// Lets a run meet it, inspects what is left, and lets it go on to its end. @returns what was wrong
std::vector<std::string> run_refusal_point(const RefusalPoint& point, const std::string& directory);

}  // namespace vecterm::faults
