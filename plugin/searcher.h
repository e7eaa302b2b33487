// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/export.h"
#include "plain_terms_search.h"
#include "query_builder.h"
#include "search_plan.h"
#include "shard.h"
#include "tuning.h"

namespace vecterm {

/// What to look for. Words alone rank by BM25, a vector alone by cosine, both by bm25 / saturation + cosine_share *
/// cosine, where saturation is the most that the words could weigh: the sum of their BM25 weights for a wdf without
/// end.
struct VECTERM_API SearchRequest {
  Xapian::Query words;               ///< from QueryBuilder, or any weighted Xapian query; empty = none
  std::optional<UnitVector> vector;  ///< of a text, a document, or the host's own
  Xapian::Query filter;              ///< hits must match it too; empty = all
  std::size_t k = 10;                ///< hits wanted, [1, 1000000]
  std::size_t offset = 0;            ///< hits left out at the top, for paging
  double recall = 0;                 ///< wanted, (0, 1], of a tuned index; 0 = the tuning's target, or untuned limits
  std::size_t probes = 0;            ///< most buckets looked into; 0 = by `recall`. Faiss calls it nprobe
  double reach = 0;                  ///< ProbeLimits::reach; 0 = by `recall`, or no limit where probes are given
  Plan plan = Plan::kAuto;           ///< how the vector's candidates are found
  std::size_t candidates = 0;       ///< plain-terms plan: documents that each side hands to the merge; 0 = max(1000, k)
  std::size_t exact_below = 10000;  ///< fewer documents to choose from than this: all are compared, no tokens read
  double cosine_share = 0.25;       ///< of the words' saturation, in mixed search, >= 0
  Xapian::docid exclude = 0;        ///< a document to leave out ("more like this" leaves out the document itself)
};

/// One result.
struct VECTERM_API Hit {
  Xapian::docid docid = 0;
  double score = 0;   ///< what the hits are ordered by
  double bm25 = 0;    ///< weight of the words, 0 where none matches
  double cosine = 0;  ///< exact cosine, 0 where the document or the query has no vector
};

class NearestSearch;

/// Runs requests on a database. Local databases are searched in this process (NearestSearch; in mixed search its hits
/// are joined to the words in one run of Xapian's matcher), all others by the plain-terms plan: two ordinary queries,
/// words under BM25 and LSH tokens under CoordWeight, merged here. Every hit's bm25 and cosine are those of the
/// document, wherever it was found. Ties break by docid. One searcher serves one thread, like the databases under it.
class VECTERM_API Searcher {
 public:
  /// Reads vectors from the slot and postings from the database each time.
  /// @throws DataError where the database was not made with this dictionary, or its tuning is damaged
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder);
  /// With other readers. `shards` are the local databases that `database` consists of, in its order; empty for the
  /// plain-terms plan.
  /// @throws also InvalidArgument where two shards are copies of each other
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  ~Searcher();

  /// At most k hits, best first. @throws InvalidArgument for a number out of its range, a vector of another dimension
  /// or a plan that does not fit; Xapian::DatabaseModifiedError where a writer has overtaken this reader: reopen and
  /// try again
  std::vector<Hit> search(const SearchRequest& request, SearchReport* report = nullptr);

  /// The request's nearest documents as a query for Xapian's matcher, each with the weight scale * max(0, cosine): join
  /// it to words with OP_OR. For local databases only, and for runs on this searcher's database.
  /// @throws as search()
  Xapian::Query nearest_query(const SearchRequest& request, double scale, SearchReport* report = nullptr);

  /// The tokens that a document and a query vector share, with their prefix, ascending.
  std::vector<std::string> shared_tokens(Xapian::docid docid, std::span<const float> unit,
                                         const ProbeLimits& limits) const;

  /// How far a request looks. @throws InvalidArgument for a recall together with probes or reach, or one that tuning
  /// did not see; DataError for a recall where the index was not tuned
  ProbeLimits limits(const SearchRequest& request) const;

  /// What is known of this index, where it was tuned.
  const std::optional<Tuning>& tuning() const { return tuning_; }
  const QueryBuilder& builder() const { return *builder_; }
  const Xapian::Database& database() const { return database_; }

 private:
  void check(const SearchRequest& request) const;
  std::vector<Neighbour> nearest(const SearchRequest& request, std::size_t wanted, std::size_t needed,
                                 SearchReport& report);
  Xapian::Query source(const std::vector<Neighbour>& found, double scale, double floor) const;
  std::vector<Hit> words_only(const SearchRequest& request, std::size_t wanted) const;
  std::vector<Hit> mixed(const SearchRequest& request, std::size_t wanted, SearchReport& report);
  std::vector<Hit> mixed_in_matcher(const SearchRequest& request, std::size_t wanted, SearchReport& report);
  std::vector<Hit> merged(const SearchRequest& request, std::size_t wanted, SearchReport& report);
  std::optional<double> expected_recall(const SearchRequest& request, const SearchReport& report) const;
  double saturation(const Xapian::Query& words) const;
  float cosine(Xapian::docid docid, std::span<const float> unit);

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
  std::optional<Tuning> tuning_;
  std::unique_ptr<NearestSearch> local_;  ///< nothing for remote databases
  PlainTermsSearch anywhere_;             ///< all shards together, for the plain-terms plan
};

}  // namespace vecterm
