// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/faults/contents.h"

namespace vecterm::faults {

/// What was acknowledged: the hashes of all contents that an entry ("document 12", "metadata vecterm.index") had one
/// after the other.
using History = std::map<std::string, std::vector<std::string>>;

/// Reads what the interposer noted; empty where there is no file yet.
History read_history(const std::string& path);

/// Entries of `acknowledged` that are lost: in `contents` each must stand as it was acknowledged last, or as `whole`,
/// the history of the same run without interruption, has it later.
std::vector<std::string> lost_entries(const History& acknowledged, const History& whole, const Contents& contents);

}  // namespace vecterm::faults
