// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/vocabulary.h"

#include <algorithm>

#include "analyzers/dictionary.h"

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

Vocabulary::Vocabulary(const TrainingData& data, const TrainingOptions& options) : rows(data.words().size(), kNone) {
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
  const Dictionary* const old = options.update.old.get();
  for (std::uint32_t word = 0; word < occurrences.size(); ++word) {
    const Occurrences& met = occurrences[word];
    if ((met.paired && met.in_texts + met.in_pairs >= options.min_count) || (old && old->find(data.words()[word])))
      words.push_back(word);
  }
  std::ranges::sort(words, [&](std::uint32_t a, std::uint32_t b) {
    if (occurrences[a].in_texts != occurrences[b].in_texts) return occurrences[a].in_texts > occurrences[b].in_texts;
    return data.words()[a] < data.words()[b];
  });
  for (std::uint32_t row = 0; row < words.size(); ++row) {
    const std::uint64_t count = occurrences[words[row]].in_texts;
    const double frequency = static_cast<double>(count) / total;
    rows[words[row]] = row;
    old_rows.push_back((old ? old->find(data.words()[words[row]]) : std::nullopt).value_or(kNone));
    const bool is_kept = old_rows[row] != kNone && (options.update.keep_weights || count == 0);
    counts.push_back(is_kept ? old->count(old_rows[row]) : count);
    if (is_kept)
      weights.push_back(old->weight(old_rows[row]));
    else
      weights.push_back(options.sif ? static_cast<float>(*options.sif / (*options.sif + frequency)) : 1.0F);
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
