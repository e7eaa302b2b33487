// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/history.h"

#include <algorithm>
#include <fstream>
#include <functional>

namespace vecterm::faults {

History read_history(const std::string& path) {
  History history;
  std::ifstream file(path);
  for (std::string kind, name, hash; file >> kind >> name >> hash;) history[kind + ' ' + name].push_back(hash);
  return history;
}

std::vector<std::string> lost_entries(const History& acknowledged, const History& whole, const Contents& contents) {
  std::vector<std::string> lost;
  for (const auto& [name, hashes] : acknowledged) {
    const auto found = contents.find(name);
    // Removed metadata are empty.
    const std::string hash = std::to_string(std::hash<std::string>()(found == contents.end() ? "" : found->second));
    const auto later = whole.find(name);
    if (hash == hashes.back()) continue;
    if (later != whole.end()) {
      const auto since = std::ranges::find(later->second, hashes.back());
      if (since != later->second.end() && std::find(since, later->second.end(), hash) != later->second.end()) continue;
    }
    lost.push_back(name);
  }
  return lost;
}

}  // namespace vecterm::faults
