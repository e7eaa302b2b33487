// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/training_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/data/file_array.h"
#include "analyzers/training/numbers/weighted_sum.h"

namespace vecterm {

constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();

struct PairList::Internal {
  FileArray<EntityPair> pairs;
};

PairList::PairList(const std::string& scratch) : internal_(new Internal{FileArray<EntityPair>(scratch)}) {}
PairList::~PairList() = default;
PairList::PairList(PairList&&) noexcept = default;
PairList& PairList::operator=(PairList&&) noexcept = default;

std::span<const EntityPair> PairList::span() const { return internal_->pairs.span(); }
std::span<EntityPair> PairList::span() { return {internal_->pairs.begin(), internal_->pairs.size()}; }
void PairList::push_back(const EntityPair& pair) { internal_->pairs.push_back(pair); }
void PairList::shrink(std::size_t size) { internal_->pairs.resize(size); }

struct TrainingData::Internal {
  explicit Internal(std::string directory)
      : scratch(std::move(directory)),
        starts(scratch),
        bags(scratch),
        lengths(scratch),
        fixed(scratch),
        vectors(scratch) {
    starts.push_back(0);
  }

  std::size_t size() const { return starts.size() - 1; }
  std::uint32_t word_number(const std::string& word);
  std::uint32_t close_entity();

  std::string scratch;
  std::deque<std::string> words;
  std::unordered_map<std::string_view, std::uint32_t> numbers;  ///< of words
  FileArray<std::uint64_t> starts;                              ///< of each entity's words in bags, and their end
  FileArray<Word> bags;
  FileArray<std::uint32_t> lengths;
  FileArray<std::uint32_t> fixed;  ///< of each entity, 1 + the number of its vector; 0 = none
  FileArray<float> vectors;        ///< row-major, unit vectors
  std::size_t dimensions = 0;
  std::vector<Task> tasks;
};

std::uint32_t TrainingData::Internal::word_number(const std::string& word) {
  if (const auto known = numbers.find(word); known != numbers.end()) return known->second;
  if (words.size() == kMost) throw InvalidArgument(fmt::format("there must be at most {} distinct words", kMost));
  words.push_back(word);
  return numbers.emplace(words.back(), static_cast<std::uint32_t>(words.size() - 1)).first->second;
}

std::uint32_t TrainingData::Internal::close_entity() {
  if (size() == kMost) throw InvalidArgument(fmt::format("there must be at most {} entities", kMost));
  starts.push_back(bags.size());
  fixed.resize(size());
  lengths.resize(size());
  return static_cast<std::uint32_t>(size() - 1);
}

TrainingData::TrainingData(std::string scratch) : internal_(std::make_unique<Internal>(std::move(scratch))) {}
TrainingData::~TrainingData() = default;
TrainingData::TrainingData(TrainingData&&) noexcept = default;
TrainingData& TrainingData::operator=(TrainingData&&) noexcept = default;

std::size_t TrainingData::size() const { return internal_->size(); }
const std::vector<TrainingData::Task>& TrainingData::tasks() const { return internal_->tasks; }
std::vector<TrainingData::Task>& TrainingData::tasks() { return internal_->tasks; }
const std::deque<std::string>& TrainingData::words() const { return internal_->words; }
std::size_t TrainingData::dimensions() const { return internal_->dimensions; }
std::uint64_t TrainingData::length(std::size_t entity) const { return internal_->lengths[entity]; }
std::uint64_t TrainingData::text_hash(std::size_t entity) const {
  TermList terms;
  for (const auto& [word, wdf] : bag(entity)) terms.push_back({words()[word], wdf});
  return TextSketch::hash_of(terms);
}

const std::string& TrainingData::scratch() const { return internal_->scratch; }

std::span<const TrainingData::Word> TrainingData::bag(std::size_t entity) const {
  const auto& starts = internal_->starts;
  return internal_->bags.span().subspan(starts[entity], starts[entity + 1] - starts[entity]);
}

std::span<const float> TrainingData::vector(std::size_t entity) const {
  const Internal& data = *internal_;
  if (data.dimensions == 0 || data.fixed[entity] == 0) return {};
  return data.vectors.span().subspan((data.fixed[entity] - 1) * data.dimensions, data.dimensions);
}

std::uint32_t TrainingData::add(const TermList& terms) {
  std::uint32_t length = 0;
  for (const TermCount& term : terms) {
    if (term.wdf > 0) internal_->bags.push_back({internal_->word_number(term.term), term.wdf});
    if (ngram_of(term.term) == NGram::kWord) length += term.wdf;
  }
  const std::uint32_t entity = internal_->close_entity();
  internal_->lengths[entity] = length;
  return entity;
}

std::uint32_t TrainingData::add(std::span<const float> vector) {
  Internal& data = *internal_;
  if (data.dimensions == 0) data.dimensions = vector.size();
  if (vector.size() != data.dimensions || vector.empty())
    throw InvalidArgument(
        fmt::format("fixed vectors must have one dimension, here {}; met {}", data.dimensions, vector.size()));
  std::vector<float> unit(vector.begin(), vector.end());
  if (!(make_unit<float>(unit) > 0)) throw InvalidArgument("fixed vectors must be finite and not zero");
  data.vectors.resize(data.vectors.size() + data.dimensions);
  std::copy(unit.begin(), unit.end(), data.vectors.end() - static_cast<std::ptrdiff_t>(data.dimensions));
  const std::uint32_t entity = data.close_entity();
  data.fixed[entity] = static_cast<std::uint32_t>(data.vectors.size() / data.dimensions);
  return entity;
}

TrainingData::Task& TrainingData::task(std::string_view name) {
  std::vector<Task>& all = internal_->tasks;
  const auto found = std::ranges::find(all, name, &Task::name);
  if (found != all.end()) return *found;
  return all.emplace_back(Task{std::string(name), PairList(scratch()), PairList(scratch())});
}

void hold_out(TrainingData& data, double share, std::uint64_t seed) {
  if (!(share > 0 && share <= 0.5)) throw InvalidArgument(fmt::format("share must be in (0, 0.5]; was {}", share));
  std::vector<bool> held(data.size());
  for (const TrainingData::Task& task : data.tasks())
    for (const EntityPair& pair : task.pairs) held[pair.item] = true;
  for (std::size_t entity = 0; entity < held.size(); ++entity)
    held[entity] = held[entity] && Random(seed, entity).uniform() < share;
  for (TrainingData::Task& task : data.tasks()) {
    std::size_t kept = 0;
    for (const EntityPair pair : task.pairs) {
      if (held[pair.item]) {
        task.held_out.push_back(pair);
      } else if (!held[pair.query]) {
        task.pairs[kept++] = pair;
      }
    }
    task.pairs.shrink(kept);
  }
}

}  // namespace vecterm
