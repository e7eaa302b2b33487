// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/faults/scenario.h"

namespace vecterm::faults {

/// A copy of a rehearsal's database on which the run is interrupted and then finished.
class Trial {
 public:
  /// @param directory  for the copy, which may be all that a small disk takes; what was acknowledged is noted beside it
  Trial(const Rehearsal& rehearsal, const std::string& directory);

  /// Runs the command. The orders' file names are filled in.
  Outcome run(Orders orders) const;

  /// What is wrong with the database as it lies.
  std::vector<std::string> inspect() const;

  /// Runs the command to its end and compares with the uninterrupted run. Where the end was reached before and the
  /// command may not be repeated, a re-indexing without a new dictionary does what is left. @returns what is wrong
  std::vector<std::string> finish() const;

  /// Whether the database is as the uninterrupted run left it.
  bool is_finished() const;

 private:
  const Rehearsal& rehearsal_;
  std::string database_;
  std::string acknowledged_;
};

}  // namespace vecterm::faults
