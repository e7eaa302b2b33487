// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/bench/relevance/bootstrap.h"
#include "tests/bench/relevance/rankings.h"

namespace vecterm::bench {

struct RankingResults {
  std::string name;
  std::optional<RankingProfile> profile;
  Estimate ndcg_10;
  Estimate recall_100;
  Estimate ndcg_10_gain;     ///< over words alone, query by query
  Estimate recall_100_gain;  ///< likewise
};

struct SetResults {
  std::string set;
  std::size_t queries = 0;
  std::vector<RankingResults> rankings = {};

  /// REQUIRES: measure() names such a ranking.
  const RankingResults& of(const std::string& ranking) const;
};

/// REQUIRES: what measure() returned.
SetResults summarised(const std::string& set, const std::vector<MeasuredRanking>& measured);

/// A line a ranking, and what was fitted.
std::string ranking_table(const SetResults& results);

/// A JSON object for each ranking, a line each.
std::string ranking_lines(const SetResults& results);

}  // namespace vecterm::bench
