// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/vocabulary.h"

#include <algorithm>

namespace vecterm {
namespace {

/// What the pairs say of each entity.
struct Roles {
  explicit Roles(const TrainingData& data) : as_query(data.scratch()), paired(data.size()), only_held_out(data.size()) {
    as_query.resize(data.size());
    for (const TrainingData::Task& task : data.tasks())
      for (const TrainingData::Pair& pair : task.held_out) only_held_out[pair.query] = only_held_out[pair.item] = true;
    for (const TrainingData::Task& task : data.tasks())
      for (const TrainingData::Pair& pair : task.pairs) {
        ++as_query[pair.query];
        paired[pair.query] = paired[pair.item] = true;
        only_held_out[pair.query] = only_held_out[pair.item] = false;
      }
  }

  FileArray<std::uint64_t> as_query;  ///< pairs
  std::vector<bool> paired;
  std::vector<bool> only_held_out;
};

struct Occurrences {
  std::uint64_t in_texts = 0;
  std::uint64_t in_pairs = 0;  ///< as words of the pairs' queries
  bool paired = false;
};

}  // namespace

Vocabulary::Vocabulary(const TrainingData& data, std::uint32_t min_count, std::optional<double> sif)
    : rows(data.words().size(), kNone) {
  const Roles roles(data);
  std::vector<Occurrences> occurrences(data.words().size());
  double total = 0;
  for (std::size_t entity = 0; entity < data.size(); ++entity) {
    if (roles.only_held_out[entity]) continue;
    for (const auto& [word, wdf] : data.bag(entity)) {
      Occurrences& met = occurrences[word];
      met.in_texts += wdf;
      met.in_pairs += wdf * roles.as_query[entity];
      met.paired = met.paired || roles.paired[entity];
      total += wdf;
    }
  }
  for (std::uint32_t word = 0; word < occurrences.size(); ++word)
    if (occurrences[word].paired && occurrences[word].in_texts + occurrences[word].in_pairs >= min_count)
      words.push_back(word);
  std::ranges::sort(words, [&](std::uint32_t a, std::uint32_t b) {
    if (occurrences[a].in_texts != occurrences[b].in_texts) return occurrences[a].in_texts > occurrences[b].in_texts;
    return data.words()[a] < data.words()[b];
  });
  for (std::uint32_t row = 0; row < words.size(); ++row) {
    const std::uint64_t count = occurrences[words[row]].in_texts;
    rows[words[row]] = row;
    counts.push_back(count);
    weights.push_back(sif ? static_cast<float>(*sif / (*sif + static_cast<double>(count) / total)) : 1.0F);
  }
}

Bags::Bags(const TrainingData& data, const Vocabulary& vocabulary) : starts_(data.scratch()), shares_(data.scratch()) {
  starts_.resize(data.size() + 1);
  for (std::size_t entity = 0; entity < data.size(); ++entity) {
    for (const auto& [word, wdf] : data.bag(entity)) {
      const std::uint32_t row = vocabulary.rows[word];
      if (row != Vocabulary::kNone) shares_.push_back({row, static_cast<float>(wdf) * vocabulary.weights[row]});
    }
    starts_[entity + 1] = shares_.size();
  }
}

}  // namespace vecterm
