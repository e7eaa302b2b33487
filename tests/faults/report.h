// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/faults/full_disk.h"
#include "tests/faults/kill_points.h"
#include "tests/faults/refusals.h"

namespace vecterm::faults {

/// Counts points, and prints those that failed as they come.
class Report {
 public:
  /// @param place  where the database of the point lies
  void add(const KillPoint& point, const std::vector<std::string>& complaints, const std::string& place);
  void add(const DiskPoint& point, const std::vector<std::string>& complaints, const std::string& place);
  void add(const RefusalPoint& point, const std::vector<std::string>& complaints, const std::string& place);

  std::size_t failures() const { return failures_; }

  /// The steps that promises are made about and that were met at fewer than `least` points, before or after them.
  std::vector<std::string> scarce(std::size_t least) const;

  /// Points by step and moment, and by scenario.
  std::string table() const;

 private:
  void add(const std::string& row, const Rehearsal& rehearsal, const std::string& point,
           const std::vector<std::string>& complaints, const std::string& place);

  std::map<std::string, std::map<std::string, std::size_t>> counts_;  ///< by row and scenario
  std::size_t points_ = 0;
  std::size_t failures_ = 0;
};

}  // namespace vecterm::faults
