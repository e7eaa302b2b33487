// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "index.h"

namespace vecterm {

/// Means over the queries that have at least one relevant document.
struct VECTERM_API Metrics {
  double ndcg_10 = 0;     ///< gain = score, discount 1/log2(rank + 1); ideal ranking over all judged documents
  double recall_10 = 0;   ///< share of the relevant documents among the first 10 hits
  double recall_100 = 0;  ///< share of the relevant documents among the first 100 hits
  double mrr_10 = 0;      ///< 1/rank of the first relevant document among the first 10 hits, else 0
  std::size_t queries = 0;
  /// By evaluate(): the share of the queries that the index's dictionary was learned from; nothing = not known.
  std::optional<double> learned = {};
};

/// Judgements of one query: document id -> score.
using QueryJudgements = std::unordered_map<std::string, double>;

/// Metrics of one ranking (document ids, best first). Relevant = score >= rel_min.
VECTERM_API Metrics evaluate_ranking(const std::vector<std::string>& ranking, const QueryJudgements& judgements,
                                     double rel_min);

/// A query that has at least one relevant document.
struct VECTERM_API JudgedQuery {
  std::string id;
  std::string text;
  QueryJudgements judgements;
};

/// The judged queries of two files, in the order of the first.
/// @throws DataError where no query has a document with a score of at least rel_min
VECTERM_API std::vector<JudgedQuery> read_judged_queries(const std::string& queries, const std::string& judgements,
                                                         double rel_min = 1);

/// How queries are run.
struct VECTERM_API EvaluationOptions {
  SearchMode mode = SearchMode::kMixed;
  std::shared_ptr<const Ranking> ranking = {};  ///< TextQuery::ranking
  double rel_min = 1;                           ///< the smallest score that counts as relevant
  unsigned threads = 0;                         ///< 0 = all cores; each opens the index for itself
  std::vector<std::string> dictionaries = {};   ///< IndexOptions::dictionaries
  bool allow_programs = false;                  ///< IndexOptions::allow_programs
};

/// The metrics of each query: 100 hits are taken, as plain text without operators.
VECTERM_API std::vector<Metrics> evaluate_each(const std::string& path, const std::vector<JudgedQuery>& queries,
                                               const EvaluationOptions& options, const ProgressFunction& progress = {});

/// Their means over all judged queries of two files. @throws as read_judged_queries
VECTERM_API Metrics evaluate(const std::string& path, const std::string& queries, const std::string& judgements,
                             const EvaluationOptions& options, const ProgressFunction& progress = {});

VECTERM_API Metrics mean(const std::vector<Metrics>& all);

/// The discounted gain of a judged score at a rank (from 1), and the most that the first ten ranks could have.
VECTERM_API double gain_at(double score, std::size_t rank);
VECTERM_API double ideal_gain(const QueryJudgements& judgements);

}  // namespace vecterm
