// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/progress.h"
#include "index/evaluation.h"
#include "plugin/searcher.h"

namespace vecterm {

/// Internal: a judged query with the features of its candidates.
struct LearningQuery {
  CandidateFeatures candidates;
  std::vector<double> scores;  ///< judged, of each candidate; 0 where it was not judged
  double ideal = 0;            ///< ideal_gain()

  /// Of the candidates in the order that `score` gives them.
  double ndcg_10(const RankingExpression& score, const decltype(RankingProfile::parameters)& parameters) const;
};

/// In the order of `judged`. @param features  all variables, not only those that the profile reads
/// @throws InvalidArgument where the profile needs inputs, or `a_side` is not in [10, 10000]
std::vector<LearningQuery> learning_queries(const Index& index, const std::vector<JudgedQuery>& judged,
                                            const RankingProfile& profile, std::size_t a_side, unsigned threads,
                                            const ProgressFunction& progress, bool features = false);

}  // namespace vecterm
