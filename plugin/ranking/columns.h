// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cmath>
#include <span>

#include "plugin/ranking/formula.h"

/// Where the numbers of a formula's variables come from. Internal.
namespace vecterm {

/// Whether a leaf is the same for all candidates, whoever they are.
bool is_of_query(const RankingNode& leaf);
/// Its number. REQUIRES: is_of_query(leaf). @throws InvalidArgument for an input or parameter that is missing
double query_value(const RankingNode& leaf, const RankingQuery& query);

/// The number of a pointwise leaf for one hit. REQUIRES: neither is_of_query(leaf) nor kValue.
double hit_value(const RankingNode& leaf, const RankingHit& hit);

/// scores[i] = the formula's value in row i. @throws InvalidArgument as RankingExpression::evaluate()
void evaluate_columns(const RankingFormula& formula, const RankingCandidates& candidates, const RankingQuery& query,
                      std::span<double> scores);

/// 0 for what is not finite.
inline double finite_ranking(double value) { return std::isfinite(value) ? value : 0; }

}  // namespace vecterm
