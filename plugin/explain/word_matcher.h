// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "plugin/document_embedder.h"

namespace vecterm {

/// What a word of a text has to do with a query.
struct WordMatch {
  std::size_t stem;  ///< its number; forms of a word share it
  bool semantic;     ///< it is near in meaning, and none of the query's own
};

/// Knows which words match a query: its own in any form, and those near its vector. Serves one text.
class WordMatcher {
 public:
  /// @param unit   of the query, for words that are near in meaning; empty = none. Must outlive the matcher
  /// @param least  weight times cosine of such a word
  WordMatcher(const DocumentEmbedder& embedder, const Xapian::Query& words, std::span<const float> unit, double least);

  const std::optional<WordMatch>& match(const std::string& term);

  /// What each stem is worth, by its number: the largest of the forms that were asked for.
  const std::vector<double>& worths() const { return worths_; }

 private:
  std::optional<WordMatch> compute(const std::string& term);
  double cosine(std::uint32_t word) const;

  const Dictionary& dictionary_;
  const Xapian::Stem stemmer_;
  const std::set<std::string> terms_;
  const std::span<const float> unit_;
  const double least_;
  std::unordered_map<std::string, std::optional<WordMatch>> matches_;
  std::unordered_map<std::string, std::size_t> stems_;
  std::vector<double> worths_;
};

}  // namespace vecterm
