// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "../analyzers/export.h"
#include "../analyzers/progress.h"
#include "index.h"

namespace vecterm {

/// Means over the queries that have at least one relevant document.
struct VECTERM_API Metrics {
  double ndcg_10 = 0;     ///< gain = score, discount 1/log2(rank + 1); ideal ranking over all judged documents
  double recall_100 = 0;  ///< share of the relevant documents among the first 100 hits
  double mrr_10 = 0;      ///< 1/rank of the first relevant document among the first 10 hits, else 0
  std::size_t queries = 0;
};

/// Judgements of one query: document id -> score.
using QueryJudgements = std::unordered_map<std::string, double>;

/// Metrics of one ranking (document ids, best first). Relevant = score >= rel_min.
VECTERM_API Metrics evaluate_ranking(const std::vector<std::string>& ranking, const QueryJudgements& judgements,
                                     double rel_min);

/// Runs every judged query against the index at `path`, 1,000 hits each, as plain text without operators.
/// @param threads  0 = all cores; each opens the index for itself
/// @throws DataError where no query has a relevant document
VECTERM_API Metrics evaluate(const std::string& path, const std::string& queries, const std::string& judgements,
                             SearchMode mode, double rel_min = 1, unsigned threads = 0,
                             const ProgressFunction& progress = {});

}  // namespace vecterm
