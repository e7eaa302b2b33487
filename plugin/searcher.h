// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "query_builder.h"
#include "search_request.h"

namespace vecterm {

/// Candidates of a query as ranking expressions see them.
struct VECTERM_API CandidateFeatures {
  std::vector<Xapian::docid> docids;  ///< ascending
  RankingCandidates columns;          ///< a row for each
  RankingQuery query;
};

struct Shard;

/// Runs requests on a database in two phases, as the ranking says: candidates, and their scores. Every hit's bm25 and
/// cosine are those of the document, wherever it was found. Ties break by docid. One searcher serves one thread, like
/// the databases under it.
///
/// Pages with the same k never overlap and leave nothing out: the first is ranked among `window` candidates, and as
/// pages go deeper, four times as many are ranked and what has not been shown yet is appended.
///
/// A handle: copies share what is under them, as those of Xapian::Database do.
class VECTERM_API Searcher {
 public:
  /// Reads vectors from the slot and postings from the database each time.
  /// @throws NotFound where the database has no embeddings; WrongDictionary where it was made with another dictionary;
  /// Damaged where its tuning is
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder);
  /// With readers of the library's own, for Index, which has seen that database and dictionary belong together. `shards`
  /// are the local databases that `database` consists of, in its order; empty for the plain-terms plan.
  /// @throws InvalidArgument where two shards are copies of each other; Damaged as above
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  /// At most k hits, best first; fewer only where there are no more. @throws InvalidArgument for a number out of its
  /// range, a vector of another dimension, not finite or zero, an input that the ranking misses, or a plan that does not fit;
  /// Xapian::DatabaseModifiedError where a writer has overtaken this reader: reopen and try again
  std::vector<Hit> search(const SearchRequest& request, SearchReport* report = nullptr);

  /// The request's nearest documents as a query for Xapian's matcher, each with the weight scale * max(0, cosine): join
  /// it to words with OP_OR. For local databases only, and for runs on this searcher's database.
  /// @throws as search()
  Xapian::Query nearest_query(const SearchRequest& request, double scale, SearchReport* report = nullptr);

  /// The best documents by words and the nearest ones, `a_side` of either, with all that `expression` reads: what
  /// rankings are learned from. The request's own ranking does not count. @throws as search()
  CandidateFeatures features(const SearchRequest& request, const RankingExpression& expression, std::size_t a_side);

  /// The tokens that a document and a query vector share, ascending. @throws InvalidArgument as search()
  std::vector<SharedToken> shared_tokens(Xapian::docid docid, std::span<const float> vector,
                                         const ProbeLimits& limits) const;

  /// How far a search looks. @throws InvalidArgument for a number out of its range, or a recall that tuning did not
  /// see; NotFound for a recall where the index was not tuned
  ProbeLimits limits(const SearchOptions& options) const;

  /// What is known of this index, where it was tuned.
  const std::optional<Tuning>& tuning() const;
  const QueryBuilder& builder() const;
  const Xapian::Database& database() const;

 private:
  class Internal;
  std::shared_ptr<Internal> internal_;
};

}  // namespace vecterm
