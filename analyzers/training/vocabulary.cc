// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/vocabulary.h"

#include <algorithm>
#include <utility>

namespace vecterm {
namespace {

struct Occurrences {
  std::uint64_t in_texts = 0;
  std::uint64_t in_pairs = 0;  ///< as words of the pairs' queries
};

}  // namespace

Vocabulary::Vocabulary(const TrainingData& data, std::uint32_t min_count, double sif) {
  std::unordered_map<std::string_view, Occurrences> occurrences;
  double total = 0;
  for (const auto* texts : {&data.items, &data.queries})
    for (const TermList& text : *texts)
      for (const TermCount& term : text) {
        occurrences[term.term].in_texts += term.wdf;
        total += term.wdf;
      }
  for (const auto& task : data.tasks)
    for (const auto& pair : task.pairs)
      for (const TermCount& term : data.queries[pair.query]) occurrences[term.term].in_pairs += term.wdf;
  std::vector<std::pair<std::string_view, std::uint64_t>> kept;
  for (const auto& [word, count] : occurrences)
    if (count.in_texts + count.in_pairs >= min_count) kept.push_back({word, count.in_texts});
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  for (const auto& [word, count] : kept) {
    rows.emplace(word, static_cast<std::uint32_t>(words.size()));
    words.emplace_back(word);
    counts.push_back(count);
    weights.push_back(static_cast<float>(sif / (sif + static_cast<double>(count) / total)));
  }
}

Bags::Bags(const std::vector<TermList>& texts, const Vocabulary& vocabulary) {
  starts_.reserve(texts.size() + 1);
  for (const TermList& text : texts) {
    for (const TermCount& term : text) {
      const auto found = vocabulary.rows.find(term.term);
      if (found == vocabulary.rows.end() || term.wdf == 0) continue;
      shares_.push_back({found->second, static_cast<float>(term.wdf) * vocabulary.weights[found->second]});
    }
    starts_.push_back(shares_.size());
  }
}

}  // namespace vecterm
