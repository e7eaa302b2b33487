// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "plugin/search/nearest_search.h"
#include "plugin/search/plain_terms_search.h"
#include "plugin/search_request.h"

namespace vecterm {

/// A document that may become a hit.
struct Candidate {
  Xapian::docid docid = 0;
  double bm25 = 0;   ///< exact, 0 where no word matches
  float cosine = 0;  ///< exact; NaN = no vector
};

/// What the first phase has found.
struct Candidates {
  std::vector<Candidate> documents;  ///< by docid, each once
  bool all = false;                  ///< there are no others
};

/// Internal: the first phase of a search. Local databases are searched in this process: the nearest documents by
/// NearestSearch, words by Xapian's matcher, both in one run of it where the ranking has a first phase. All others by
/// ordinary queries: words under BM25 and LSH tokens under CoordWeight, merged here. Serves one thread.
class CandidateSearch {
 public:
  /// `shards` are the local databases that `database` consists of, in its order; empty for the plain-terms plan.
  CandidateSearch(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  /// The `window` best by the ranking's first phase, or by words and the `window` nearest, as far as there are so many;
  /// of remote databases more. Excluded documents are left out.
  Candidates find(const SearchRequest& request, const Ranking& ranking, const RankingQuery& facts,
                  const ProbeLimits& limits, std::size_t window, SearchReport& report);

  /// Best first. @param needed  NearestRequest::needed
  std::vector<Neighbour> nearest(const SearchRequest& request, const ProbeLimits& limits, std::size_t wanted,
                                 std::size_t needed, SearchReport& report);

  /// Documents of local databases as a query; weights[i] is that of docids[i], at least 0.
  Xapian::Query source(std::span<const Xapian::docid> docids, std::span<const double> weights) const;

  /// Whether posting lists are read in this process.
  bool is_local(const SearchRequest& request) const;

 private:
  struct Run;

  struct Neighbours {
    std::vector<Neighbour> found;  ///< best first
    bool all = true;               ///< there are no others that are near enough
  };

  bool fits_matcher(const Run& run) const;
  Neighbours near_enough(const Run& run, std::size_t wanted, std::size_t needed, SearchReport& report);
  Xapian::MSet matches(const Run& run, const Xapian::Query& query) const;
  Candidates nearest_only(const Run& run, SearchReport& report);
  Candidates words_only(const Run& run, SearchReport& report) const;
  Candidates either(const Run& run, SearchReport& report);
  Candidates joined(const Run& run, SearchReport& report);
  Candidates merged(const Run& run, SearchReport& report);
  Xapian::Query first_phase_query(const Run& run, const Neighbours& neighbours) const;
  std::optional<std::vector<double>> beyond_others(const Run& run, const Neighbours& neighbours) const;
  Xapian::Query ranking_source(const Run& run, const RankingExpression& expression,
                               std::optional<double> min_cosine) const;
  void weigh(const Xapian::Query& words, std::vector<Candidate>& candidates) const;
  void compare(std::span<const float> unit, std::span<const Neighbour> neighbours, std::vector<Candidate>& candidates);

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
  std::unique_ptr<NearestSearch> local_;  ///< nothing for remote databases
  PlainTermsSearch anywhere_;             ///< all shards together, for the plain-terms plan
};

}  // namespace vecterm
