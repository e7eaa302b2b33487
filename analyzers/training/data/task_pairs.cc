// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/data/task_pairs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analyzers/numbers/random.h"

namespace vecterm {
namespace {

/// Streams of random numbers are told apart by the task's name, so that what one task draws does not depend on which
/// others there are.
std::uint64_t stream_of(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

TaskPairs::TaskPairs(const TrainingData& data, const TrainingData::Task& task,
                     const std::function<bool(std::uint32_t)>& usable, std::uint32_t cap, std::uint64_t seed)
    : name_(task.name),
      seed_(seed),
      stream_(stream_of(task.name)),
      pairs_(data.scratch()),
      starts_(data.scratch()),
      known_(data.scratch()),
      candidates_(data.scratch()),
      counts_(data.scratch()),
      bits_(data.scratch()) {
  for (const Pair& pair : task.pairs)
    if (pair.weight > 0 && usable(pair.query) && usable(pair.item)) pairs_.push_back(pair);
  collect_known(data.size(), data.scratch());
  if (cap != 0) cap_items(cap, data.scratch());
  collect_candidates();
  collect_bits();
}

void TaskPairs::collect_known(std::size_t entities, const std::string& scratch) {
  starts_.resize(entities + 1);
  for (const Pair& pair : pairs_) ++starts_[pair.query + 1];
  for (std::size_t q = 0; q < entities; ++q) starts_[q + 1] += starts_[q];
  FileArray<std::uint64_t> ends(scratch);
  ends.resize(entities);
  std::copy_n(starts_.begin(), entities, ends.begin());
  known_.resize(pairs_.size());
  for (const Pair& pair : pairs_) known_[ends[pair.query]++] = pair.item;
  for (std::size_t q = 0; q < entities; ++q) std::sort(known_.begin() + starts_[q], known_.begin() + starts_[q + 1]);
}

void TaskPairs::cap_items(std::uint32_t cap, const std::string& scratch) {
  // Of an item's pairs the first in a random order stay.
  FileArray<std::uint32_t> kept(scratch);
  kept.resize(starts_.size());
  const Permutation order(pairs_.size(), seed_, stream_ + 1);
  std::vector<bool> stays(pairs_.size());
  for (std::uint64_t i = 0; i < pairs_.size(); ++i) {
    const std::uint64_t p = order(i);
    stays[p] = kept[pairs_[p].item]++ < cap;
  }
  std::size_t left = 0;
  for (std::size_t p = 0; p < pairs_.size(); ++p)
    if (stays[p]) pairs_[left++] = pairs_[p];
  pairs_.resize(left);
}

void TaskPairs::collect_candidates() {
  candidates_.resize(pairs_.size());
  for (std::size_t p = 0; p < pairs_.size(); ++p) candidates_[p] = pairs_[p].item;
  std::sort(candidates_.begin(), candidates_.end());
  std::size_t distinct = 0;
  for (std::size_t begin = 0, end = 0; begin < candidates_.size(); begin = end) {
    while (end < candidates_.size() && candidates_[end] == candidates_[begin]) ++end;
    counts_.push_back(static_cast<std::uint32_t>(end - begin));
    candidates_[distinct++] = candidates_[begin];
  }
  candidates_.resize(distinct);
}

// Bits take at most eight times the room of the list.
void TaskPairs::collect_bits() {
  constexpr std::size_t kShare = 256;
  const std::size_t words = (candidates_.size() + 63) / 64;
  for (std::uint32_t query = 0; query + 1 < starts_.size(); ++query) {
    const auto items = known(query);
    if (items.size() <= candidates_.size() / kShare) continue;
    const std::size_t start = bits_.size();
    bit_starts_[query] = start;
    bits_.resize(start + words);
    for (const std::uint32_t item : items) {
      const std::size_t c = candidate(item);
      // A cap may have left an item without a pair.
      if (c < candidates_.size() && candidates_[c] == item) bits_[start + c / 64] |= std::uint64_t{1} << (c % 64);
    }
  }
}

std::span<const std::uint64_t> TaskPairs::known_bits(std::uint32_t query) const {
  const auto found = bit_starts_.find(query);
  if (found == bit_starts_.end()) return {};
  return bits_.span().subspan(found->second, (candidates_.size() + 63) / 64);
}

void TaskPairs::copy_slice(std::uint64_t pass, std::size_t first, std::size_t n, std::vector<Pair>& out) const {
  out.clear();
  WindowedOrder order(pairs_.size(), seed_, stream_ + (pass << 20) + 2);
  for (std::size_t i = first; i < std::min(first + n, pairs_.size()); ++i) out.push_back(pairs_[order(i)]);
}

std::size_t TaskPairs::candidate(std::uint32_t item) const {
  return static_cast<std::size_t>(std::lower_bound(candidates_.begin(), candidates_.end(), item) - candidates_.begin());
}

std::span<const std::uint32_t> TaskPairs::known(std::uint32_t query) const {
  return known_.span().subspan(starts_[query], starts_[query + 1] - starts_[query]);
}

std::vector<BatchRange> plan_epoch(const std::vector<std::size_t>& task_pairs, const std::vector<double>& ratios,
                                   std::size_t batch, std::uint32_t epoch) {
  std::vector<std::pair<double, BatchRange>> ranges;
  for (std::size_t t = 0; t < task_pairs.size(); ++t) {
    const std::uint64_t in_pass = (task_pairs[t] + batch - 1) / batch;
    if (in_pass == 0 || !(ratios[t] > 0)) continue;
    const auto steps =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(ratios[t] * static_cast<double>(in_pass))));
    for (std::uint64_t i = 0; i < steps; ++i) {
      const std::uint64_t step = epoch * steps + i;
      const double middle = (static_cast<double>(i) + 0.5) / static_cast<double>(steps);
      ranges.push_back({middle, {t, step / in_pass, step % in_pass * batch}});
    }
  }
  std::ranges::stable_sort(ranges, {}, &std::pair<double, BatchRange>::first);
  std::vector<BatchRange> plan;
  plan.reserve(ranges.size());
  for (const auto& range : ranges) plan.push_back(range.second);
  return plan;
}

}  // namespace vecterm
