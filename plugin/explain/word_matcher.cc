// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/explain/word_matcher.h"

#include <algorithm>

namespace vecterm {

WordMatcher::WordMatcher(const DocumentEmbedder& embedder, const Xapian::Query& words, std::span<const float> unit,
                         double least)
    : dictionary_(embedder.embedder().dictionary()),
      stemmer_(embedder.record().settings.stem()),
      terms_(words.get_terms_begin(), words.get_terms_end()),
      unit_(unit),
      least_(least) {}

const std::optional<WordMatch>& WordMatcher::match(const std::string& term) {
  const auto [known, first] = matches_.try_emplace(term);
  if (first) known->second = compute(term);
  return known->second;
}

std::optional<WordMatch> WordMatcher::compute(const std::string& term) {
  const std::string stem = stemmer_(term);
  const bool of_query = terms_.contains(term) || terms_.contains("Z" + stem);
  const auto word = dictionary_.find(term);
  double worth = word ? static_cast<double>(dictionary_.weight(*word)) : 1;
  if (!of_query) {
    if (!word || unit_.empty()) return std::nullopt;
    worth *= cosine(*word);
    if (!(worth >= least_)) return std::nullopt;
  }
  const std::size_t number = stems_.try_emplace(stem, stems_.size()).first->second;
  worths_.resize(stems_.size());
  worths_[number] = std::max(worths_[number], worth);
  return WordMatch{number, !of_query};
}

double WordMatcher::cosine(std::uint32_t word) const {
  UnitVector row(dictionary_.dimensions());
  dictionary_.copy_vector(word, row);
  const auto direction = normalised(row);
  return direction ? static_cast<double>(dot(*direction, unit_)) : 0;
}

}  // namespace vecterm
