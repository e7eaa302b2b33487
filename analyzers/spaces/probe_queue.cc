// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/probe_queue.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace vecterm {
namespace {

// Weights below this add nothing to the order of candidates but must not be zero.
constexpr float kLeastWeight = 1e-4F;

}  // namespace

void ProbeQueue::add_table(std::uint32_t own_bucket, double cost) {
  tables_.push_back({own_bucket, cost, choices_.size()});
}

void ProbeQueue::add_choice(std::span<const Deviation> deviations) {
  choices_.push_back({deviations_.size(), deviations_.size() + deviations.size()});
  deviations_.insert(deviations_.end(), deviations.begin(), deviations.end());
}

std::vector<Probe> ProbeQueue::take(const ProbeLimits& limits) {
  sort_choices();
  for (std::uint32_t table = 0; table < tables_.size(); ++table)
    push({tables_[table].cost, {table, tables_[table].own}, kOwn, 0});
  std::vector<Probe> probes;
  std::set<Bucket> given;
  float last_weight = 1;
  while (!heap_.empty() && probes.size() < limits.most) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Set set = heap_.back();
    heap_.pop_back();
    if (set.cost > limits.reach && !probes.empty()) break;
    if (distinct_ || given.insert(set.bucket).second) {
      last_weight = std::clamp(static_cast<float>(std::exp(-fall_ * set.cost)), kLeastWeight, last_weight);
      probes.push_back({set.bucket, last_weight});
    }
    push_successors(set);
  }
  return probes;
}

void ProbeQueue::sort_choices() {
  const auto cheaper = [this](const Choice& a, const Choice& b) {
    return deviations_[a.begin].cost < deviations_[b.begin].cost;
  };
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    const std::size_t end = table + 1 < tables_.size() ? tables_[table + 1].first_choice : choices_.size();
    std::stable_sort(choices_.begin() + static_cast<std::ptrdiff_t>(tables_[table].first_choice),
                     choices_.begin() + static_cast<std::ptrdiff_t>(end), cheaper);
  }
}

void ProbeQueue::push(const Set& set) {
  heap_.push_back(set);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

void ProbeQueue::push_successors(const Set& set) {
  const std::uint32_t table = set.bucket.table;
  const std::size_t end = table + std::size_t{1} < tables_.size() ? tables_[table + 1].first_choice : choices_.size();
  // The set with `deviation` of `choice` added and, where `instead`, its last one taken back.
  const auto push_with = [&](std::size_t choice, std::size_t deviation, bool instead) {
    static constexpr Deviation kNone;
    const Deviation& added = deviations_[deviation];
    const Deviation& removed = instead ? deviations_[set.deviation] : kNone;
    push({set.cost - removed.cost + added.cost,
          {table, set.bucket.bucket ^ removed.change ^ added.change},
          choice,
          deviation});
  };
  const bool own = set.choice == kOwn;
  const std::size_t next = own ? tables_[table].first_choice : set.choice + 1;
  if (!own && set.deviation + 1 < choices_[set.choice].end) push_with(set.choice, set.deviation + 1, true);
  if (next == end) return;
  push_with(next, choices_[next].begin, false);
  if (!own && set.deviation == choices_[set.choice].begin) push_with(next, choices_[next].begin, true);
}

}  // namespace vecterm
