// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <vector>

#include "plugin/query_builder.h"
#include "plugin/search/candidate_search.h"
#include "plugin/search_request.h"

namespace vecterm {

/// Internal: gives candidates their features and scores. Serves one thread.
class SecondPhase {
 public:
  SecondPhase(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder)
      : database_(std::move(database)), builder_(std::move(builder)) {}

  /// Best first, ties by docid. @param candidates  by docid
  std::vector<Hit> rank(const SearchRequest& request, const RankingExpression& score, const RankingQuery& facts,
                        const ProbeLimits& limits, const std::vector<Candidate>& candidates) const;

  /// What `score` reads of them. @param candidates  by docid
  RankingCandidates columns(const SearchRequest& request, const RankingExpression& score, const ProbeLimits& limits,
                            const std::vector<Candidate>& candidates) const;

 private:
  std::vector<double> values(Xapian::valueno slot, const std::vector<Candidate>& candidates) const;
  std::vector<double> votes(const UnitVector& unit, const ProbeLimits& limits,
                            const std::vector<Candidate>& candidates) const;

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
};

}  // namespace vecterm
