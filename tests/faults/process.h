// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/faults/plan.h"

namespace vecterm::faults {

/// What is to go wrong in a run, and what it is to write down about itself.
struct Orders {
  struct Kill {
    Step step;
    Moment moment;
    std::uint64_t number;
  };
  /// A call that fails.
  struct Refusal {
    Call call;
    int error;
    bool lasting;
    std::uint64_t number;
  };
  std::optional<Kill> kill = {};
  std::optional<Refusal> refusal = {};
  const char* disturbance = nullptr;             ///< kShort, kInterrupted or kClockGoesBack
  std::optional<std::uint64_t> room_bytes = {};  ///< on the disk
  bool boasts = false;                           ///< the disk says that it has plenty of free space
  std::string acknowledged = {};                 ///< files to write; "" = none
  std::string counts = {};
};

/// How a process ended.
struct Outcome {
  int code = -1;   ///< -1 where it was killed
  int signal = 0;  ///< that killed it
  std::string messages = {};

  std::string describe() const;
};

/// Runs vecterm on the database at `database`, an absolute path; it stands in `arguments` as "{db}".
/// @throws std::system_error where it cannot be started
Outcome run_vecterm(const std::vector<std::string>& arguments, const std::string& database, const Orders& orders = {});

}  // namespace vecterm::faults
