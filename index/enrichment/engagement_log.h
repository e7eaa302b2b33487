// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "analyzers/base/throttled_progress.h"

namespace vecterm {

/// Internal: engagement by item and query. Each query's text is held once.
class EngagementLog {
 public:
  using Weights = std::map<std::string, double, std::less<>>;
  using Scores = std::unordered_map<const std::string*, double>;

  explicit EngagementLog(const Weights& weights) : weights_(weights) {}

  /// @throws DataError naming file and line
  void read(const std::string& path, ThrottledProgress& progress);

  /// The sum of weight * count by query; null where the log does not know the item, which counts as met afterwards.
  const Scores* find(const std::string& item);

  std::uint64_t lines() const { return lines_; }
  /// Of items that find() was never asked for.
  std::uint64_t unknown_lines() const { return unknown_lines_; }

 private:
  struct Item {
    Scores scores;
    std::uint64_t lines = 0;
    bool met = false;
  };

  void add(std::string_view line, const std::string& where);

  const Weights& weights_;
  std::unordered_set<std::string> queries_;
  std::unordered_map<std::string, Item> items_;
  std::uint64_t lines_ = 0;
  std::uint64_t unknown_lines_ = 0;
};

}  // namespace vecterm
