// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/training_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/base/random.h"
#include "analyzers/errors.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/training/learn/objective.h"

namespace vecterm {

constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();

TrainingData::TrainingData(std::string scratch)
    : scratch_(std::move(scratch)),
      starts_(scratch_),
      bags_(scratch_),
      lengths_(scratch_),
      fixed_(scratch_),
      vectors_(scratch_) {
  starts_.push_back(0);
}

std::uint32_t TrainingData::word_number(const std::string& word) {
  if (const auto known = numbers_.find(word); known != numbers_.end()) return known->second;
  if (words_.size() == kMost) throw InvalidArgument(fmt::format("there must be at most {} distinct words", kMost));
  words_.push_back(word);
  return numbers_.emplace(words_.back(), static_cast<std::uint32_t>(words_.size() - 1)).first->second;
}

std::uint32_t TrainingData::close_entity() {
  if (size() == kMost) throw InvalidArgument(fmt::format("there must be at most {} entities", kMost));
  starts_.push_back(bags_.size());
  fixed_.resize(size());
  lengths_.resize(size());
  return static_cast<std::uint32_t>(size() - 1);
}

std::uint32_t TrainingData::add(const TermList& terms) {
  std::uint32_t length = 0;
  for (const TermCount& term : terms) {
    if (term.wdf > 0) bags_.push_back({word_number(term.term), term.wdf});
    if (ngram_of(term.term) == NGram::kWord) length += term.wdf;
  }
  const std::uint32_t entity = close_entity();
  lengths_[entity] = length;
  return entity;
}

std::uint32_t TrainingData::add(std::span<const float> vector) {
  if (dimensions_ == 0) dimensions_ = vector.size();
  if (vector.size() != dimensions_ || vector.empty())
    throw InvalidArgument(
        fmt::format("fixed vectors must have one dimension, here {}; met {}", dimensions_, vector.size()));
  std::vector<float> unit(vector.begin(), vector.end());
  if (!(make_unit<float>(unit) > 0)) throw InvalidArgument("fixed vectors must be finite and not zero");
  vectors_.resize(vectors_.size() + dimensions_);
  std::copy(unit.begin(), unit.end(), vectors_.end() - static_cast<std::ptrdiff_t>(dimensions_));
  const std::uint32_t entity = close_entity();
  fixed_[entity] = static_cast<std::uint32_t>(vectors_.size() / dimensions_);
  return entity;
}

TrainingData::Task& TrainingData::task(std::string_view name) {
  const auto found = std::ranges::find(tasks_, name, &Task::name);
  if (found != tasks_.end()) return *found;
  return tasks_.emplace_back(Task{std::string(name), FileArray<Pair>(scratch_), FileArray<Pair>(scratch_)});
}

void hold_out(TrainingData& data, double share, std::uint64_t seed) {
  if (!(share > 0 && share <= 0.5)) throw InvalidArgument(fmt::format("share must be in (0, 0.5]; was {}", share));
  std::vector<bool> held(data.size());
  for (const TrainingData::Task& task : data.tasks())
    for (const TrainingData::Pair& pair : task.pairs) held[pair.item] = true;
  for (std::size_t entity = 0; entity < held.size(); ++entity)
    held[entity] = held[entity] && Random(seed, entity).uniform() < share;
  for (TrainingData::Task& task : data.tasks()) {
    std::size_t kept = 0;
    for (const TrainingData::Pair pair : task.pairs) {
      if (held[pair.item]) {
        task.held_out.push_back(pair);
      } else if (!held[pair.query]) {
        task.pairs[kept++] = pair;
      }
    }
    task.pairs.resize(kept);
  }
}

}  // namespace vecterm
