// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/faults/inspection.h"
#include "tests/faults/process.h"
#include "tests/support/corpus.h"

namespace vecterm::faults {

/// The kinds of run that are interrupted.
inline constexpr std::array<std::string_view, 7> kScenarios{"indexing",   "embedding", "update",    "generation",
                                                            "activation", "rollback",  "retirement"};

/// One run that is interrupted at many points: how the database is before, the command, and what the run does where
/// nothing interrupts it. Variants of a scenario differ in their documents and in the size of their batches.
struct Rehearsal {
  std::string scenario;
  unsigned variant = 0;
  test::Entries entries = test::Entries::kWords;  ///< of its dictionaries
  std::string start = {};                         ///< the database before; there may be none yet
  std::vector<std::string> arguments = {};        ///< of run_vecterm
  bool repeatable = true;                         ///< the command may be run again where it has come to its end
  Generations generations = {};
  Contents contents = {};            ///< afterwards
  std::set<std::string> files = {};  ///< names_of()
  History history = {};
  std::map<std::string, std::uint64_t> counts = {};  ///< occurrences by kStepNames; kBytes
};

/// Prepares a run in a directory of its own, which is made anew, and lets it go to its end.
/// @throws std::runtime_error where a command fails
Rehearsal rehearse(std::string_view scenario, unsigned variant, test::Entries entries, const std::string& directory);

/// Names of vecterm's files beside a database; of sidecars without the revision.
std::set<std::string> names_of(const std::string& database);

}  // namespace vecterm::faults
