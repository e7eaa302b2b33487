// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../analyzers/embedding.h"
#include "../analyzers/version.h"
#include "ranking_profile.h"
#include "search/plan.h"

namespace vecterm {

/// What to look for, and how to rank it.
struct VECTERM_API SearchRequest {
  Xapian::Query words;               ///< from QueryBuilder, or any weighted Xapian query; empty = none
  std::optional<UnitVector> vector;  ///< of a text, a document, or the host's own
  Xapian::Query filter;              ///< hits must match it too; empty = all
  std::size_t k = 10;                ///< hits wanted, [1, 1000000]
  std::size_t offset = 0;            ///< hits left out at the top, for paging with the same k

  /// Empty = bm25 for words alone, cosine for a vector alone, default_profile() for both.
  std::shared_ptr<const Ranking> ranking;
  double coverage = 1;  ///< share of the query's words that have vectors, [0, 1]
  /// Weight of what the user asked for by meaning beside the words, so that asked * cosine is the weighted sum of the
  /// parts' cosines: the norm of the sum that `vector` is the unit of. 0 = the vector is that of the words themselves.
  double asked = 0;
  std::map<std::string, double, std::less<>> inputs;  ///< of input(name) in ranking expressions
  std::optional<double> min_score;                    ///< hits below are left out
  std::optional<double> min_cosine;                   ///< hits must have a vector at least so near, [-1, 1]; of those
                                                      ///< found by tokens, as far as `recall` goes
  std::optional<Xapian::valueno> collapse;            ///< of documents with the same value here only the best is a hit
  std::vector<Xapian::docid> exclude;                 ///< no hits ("more like this" leaves out the document itself)
  bool count_all = false;                             ///< count every match (SearchReport::matches): slower
  bool features = false;                              ///< fill in Hit::features

  double recall = 0;                ///< wanted, (0, 1], of a tuned index; 0 = the tuning's target, or untuned limits
  std::size_t probes = 0;           ///< most buckets looked into; 0 = by `recall`. Faiss calls it nprobe
  double reach = 0;                 ///< ProbeLimits::reach; 0 = by `recall`, or no limit where probes are given
  Plan plan = Plan::kAuto;          ///< how the vector's candidates are found
  std::size_t candidates = 0;       ///< plain-terms plan: documents that each side hands to the merge; 0 = max(1000, k)
  std::size_t exact_below = 10000;  ///< fewer documents to choose from than this: all are compared, no tokens read
};

/// An LSH token that a query and a document have in common.
struct VECTERM_API SharedToken {
  std::string term;       ///< with its prefix
  std::size_t table = 0;  ///< of the hash space

  bool operator==(const SharedToken&) const = default;
};

/// One result.
struct VECTERM_API Hit {
  Xapian::docid docid = 0;
  double score = 0;           ///< the ranking expression's value, which the hits are ordered by
  double bm25 = 0;            ///< weight of the words, 0 where none matches
  double cosine = 0;          ///< exact cosine, 0 where the document or the query has no vector
  std::size_t collapsed = 0;  ///< documents with the same value that were met and left out
  std::vector<std::pair<std::string, double>> features;  ///< every variable of ranking expressions, where asked for
};

}  // namespace vecterm
