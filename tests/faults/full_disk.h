// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/faults/scenario.h"

namespace vecterm::faults {

/// How the disk is made full.
enum class FullDisk {
  kMounted,     ///< a small tmpfs
  kInterposed,  ///< writes are cut short and fail after so many bytes; harsher, as blocks are not written again either
};

/// Where one run finds the disk full.
struct DiskPoint {
  const Rehearsal* rehearsal;
  FullDisk kind;
  std::uint64_t room_bytes;

  std::string describe() const;
};

/// Whether this process may mount a file system.
bool can_mount(const std::string& directory);

/// Points evenly spread from no room to almost enough, over the runs that write documents.
std::vector<DiskPoint> choose_disk_points(const std::vector<Rehearsal>& rehearsals, std::size_t count, bool mounted);

/// Lets a run meet the full disk, inspects what is left, gives it room, and lets it go on to its end.
/// @returns what was wrong
std::vector<std::string> run_disk_point(const DiskPoint& point, const std::string& directory);

}  // namespace vecterm::faults
