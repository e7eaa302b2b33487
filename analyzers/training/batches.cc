// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/batches.h"

#include <algorithm>
#include <utility>

namespace vecterm {

TaskPairs::TaskPairs(std::vector<TrainingData::Pair> pairs, std::size_t queries)
    : pairs_(std::move(pairs)), starts_(queries + 1), items_(pairs_.size()) {
  for (const auto& pair : pairs_) ++starts_[pair.query + 1];
  for (std::size_t q = 0; q < queries; ++q) starts_[q + 1] += starts_[q];
  auto ends = starts_;
  for (const auto& pair : pairs_) items_[ends[pair.query]++] = pair.item;
  for (std::size_t q = 0; q < queries; ++q) std::sort(items_.data() + starts_[q], items_.data() + starts_[q + 1]);
}

std::span<const TrainingData::Pair> TaskPairs::slice(std::size_t first, std::size_t n) const {
  return std::span(pairs_).subspan(first, std::min(n, pairs_.size() - first));
}

bool TaskPairs::known(std::uint32_t query, std::uint32_t item) const {
  return std::binary_search(items_.data() + starts_[query], items_.data() + starts_[query + 1], item);
}

std::vector<BatchRange> plan_epoch(const std::vector<TaskPairs>& tasks, std::size_t batch) {
  std::vector<std::pair<double, BatchRange>> ranges;
  for (std::size_t t = 0; t < tasks.size(); ++t)
    for (std::size_t first = 0; first < tasks[t].size(); first += batch) {
      const std::size_t last = std::min(first + batch, tasks[t].size());
      const double middle = static_cast<double>(first + last) / (2 * static_cast<double>(tasks[t].size()));
      ranges.push_back({middle, {t, first}});
    }
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<BatchRange> plan;
  for (const auto& range : ranges) plan.push_back(range.second);
  return plan;
}

}  // namespace vecterm
