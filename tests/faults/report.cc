// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/report.h"

#include <fmt/format.h>

#include <cstdio>

namespace vecterm::faults {

void Report::add(const KillPoint& point, const std::vector<std::string>& complaints, const std::string& place) {
  add(fmt::format("{}, {}", point.step(), name_of(point.kill.moment)), *point.rehearsal, point.describe(), complaints,
      place);
}

void Report::add(const DiskPoint& point, const std::vector<std::string>& complaints, const std::string& place) {
  add(point.kind == FullDisk::kMounted ? "~disk full, mounted" : "~disk full, interposed", *point.rehearsal,
      point.describe(), complaints, place);
}

void Report::add(const RefusalPoint& point, const std::vector<std::string>& complaints, const std::string& place) {
  add(fmt::format("~{}", point.refusal->name), *point.rehearsal, point.describe(), complaints, place);
}

void Report::add(const std::string& row, const Rehearsal& rehearsal, const std::string& point,
                 const std::vector<std::string>& complaints, const std::string& place) {
  ++counts_[row][rehearsal.scenario];
  ++points_;
  failures_ += complaints.empty() ? 0 : 1;
  for (const std::string& complaint : complaints) fmt::print("{} ({}): {}\n", point, place, complaint);
  std::fflush(stdout);
}

std::vector<std::string> Report::scarce(std::size_t least) const {
  std::vector<std::string> rows;
  for (const char* step : {"token", "vector", "marker", "commit", "activation", "retirement", "publication"})
    for (const Moment moment : {Moment::kBefore, Moment::kAfter}) {
      const std::string row = fmt::format("{}, {}", step, name_of(moment));
      const auto found = counts_.find(row);
      std::size_t points = 0;
      if (found != counts_.end())
        for (const auto& [scenario, count] : found->second) points += count;
      if (points < least) rows.push_back(row);
    }
  return rows;
}

std::string Report::table() const {
  std::string text = fmt::format("{:<26}", "points");
  for (const std::string_view scenario : kScenarios) text += fmt::format("{:>12}", scenario);
  text += fmt::format("{:>8}\n", "all");
  for (const auto& [row, by_scenario] : counts_) {
    text += fmt::format("{:<26}", row.starts_with('~') ? row.substr(1) : row);
    std::size_t all = 0;
    for (const std::string_view scenario : kScenarios) {
      const auto found = by_scenario.find(std::string(scenario));
      const std::size_t count = found == by_scenario.end() ? 0 : found->second;
      text += fmt::format("{:>12}", count);
      all += count;
    }
    text += fmt::format("{:>8}\n", all);
  }
  return text + fmt::format("{} points, {} failed\n", points_, failures_);
}

}  // namespace vecterm::faults
