// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "index/evaluation.h"
#include "plugin/ranking_profile.h"
#include "tests/bench/relevance/sets.h"

namespace vecterm::bench {

inline constexpr const char* kWords = "words";
inline constexpr const char* kVector = "vector";
inline constexpr const char* kDefault = "default profile";
inline constexpr const char* kFitted = "fitted profile";

/// How the queries of a set fare with a ranking.
struct MeasuredRanking {
  std::string name;
  std::optional<RankingProfile> profile;  ///< of the fitted one: fitted on all queries; words and vector have none
  std::vector<Metrics> of_each;           ///< in the order of read_judged_queries()
};

/// Searches with every ranking, words first. The fitted profile is the default with its parameters fitted to the set,
/// each query measured with those fitted without its fold, of five.
std::vector<MeasuredRanking> measure(const PreparedSet& set, unsigned threads);

}  // namespace vecterm::bench
