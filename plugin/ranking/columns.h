// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <vector>

#include "plugin/ranking/arithmetic.h"
#include "plugin/ranking/program.h"

/// Where the numbers that expressions read come from. Internal.
namespace vecterm {

/// The number of what is the same for all hits. REQUIRES: node.of_query.
/// @throws InvalidArgument for an input or parameter that is missing
double query_value(const RankingNode& node, const RankingQuery& query);

inline double ranking_distance(double cosine) { return 1 - cosine; }
inline double ranking_closeness(double cosine) { return 1 / (1 + ranking_distance(cosine)); }

/// The number of a variable for one hit. REQUIRES: it is of the scope kHit.
inline double hit_value(RankingVariable variable, const RankingHit& hit) {
  switch (variable) {
    case RankingVariable::kBm25:
      return finite_ranking(hit.bm25);
    case RankingVariable::kVotes:
      return finite_ranking(hit.votes);
    case RankingVariable::kDoclength:
      return finite_ranking(hit.doclength);
    case RankingVariable::kDistance:
      return ranking_distance(finite_ranking(hit.cosine));
    case RankingVariable::kCloseness:
      return ranking_closeness(finite_ranking(hit.cosine));
    default:
      return finite_ranking(hit.cosine);
  }
}

/// scores[i] = the program's value in row i. @throws InvalidArgument as RankingExpression::evaluate()
void evaluate_columns(const RankingProgram& program, const RankingCandidates& candidates, const RankingQuery& query,
                      std::span<double> scores);

/// A number a row: the value of the expression that is this variable alone, or value(slot).
/// @throws InvalidArgument as RankingExpression::evaluate()
std::vector<double> ranking_column(RankingVariable variable, const RankingCandidates& candidates,
                                   const RankingQuery& query);
std::vector<double> ranking_column(Xapian::valueno slot, const RankingCandidates& candidates);

}  // namespace vecterm
