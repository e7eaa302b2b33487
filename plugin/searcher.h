// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/export.h"
#include "query_builder.h"
#include "vector_reader.h"

namespace vecterm {

/// What to look for. Words alone rank by BM25, a vector alone by cosine, both by bm25 / (best bm25) + cosine_share *
/// cosine.
struct VECTERM_API SearchRequest {
  Xapian::Query words;               ///< from QueryBuilder, or any weighted Xapian query; empty = none
  std::optional<UnitVector> vector;  ///< of a text, a document, or the host's own
  Xapian::Query filter;              ///< hits must match it too; empty = all
  std::size_t k = 10;                ///< hits wanted, [1, 1000000]
  std::size_t offset = 0;            ///< hits left out at the top, for paging
  std::size_t probes = 0;            ///< buckets looked into; 0 = the hash space's default. Faiss calls it nprobe
  std::size_t candidates = 0;        ///< documents that each side hands to the merge, at least k; 0 = max(1000, k)
  std::size_t exact_below = 10000;   ///< fewer documents to choose from than this: exact scan, no tokens read
  double cosine_share = 0.5;         ///< of the best BM25 weight, in mixed search, >= 0
  Xapian::docid exclude = 0;         ///< a document to leave out ("more like this" leaves out the document itself)
};

/// One result.
struct VECTERM_API Hit {
  Xapian::docid docid = 0;
  double score = 0;   ///< what the hits are ordered by
  double bm25 = 0;    ///< exact weight of the words, 0 where none matches
  double cosine = 0;  ///< exact cosine, 0 where the document or the query has no vector
};

/// Runs requests on a database by the plain-terms plan: two ordinary queries, words under BM25 and LSH tokens under
/// CoordWeight, merged here with exact weights. Every hit's bm25 and cosine are exact, wherever it was found.
/// Ties break by docid. One searcher serves one thread, like the database under it.
class VECTERM_API Searcher {
 public:
  /// @throws DataError where the database was not made with this dictionary
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder);
  /// With another way of reading vectors.
  Searcher(Xapian::Database database, std::shared_ptr<const QueryBuilder> builder,
           std::unique_ptr<VectorReader> vectors);

  /// At most k hits, best first. @throws InvalidArgument for a number out of its range or a vector of another
  /// dimension; Xapian::DatabaseModifiedError where a writer has overtaken this reader: reopen and try again
  std::vector<Hit> search(const SearchRequest& request);

  /// The tokens that a document and a query vector share, with their prefix, ascending.
  std::vector<std::string> shared_tokens(Xapian::docid docid, std::span<const float> unit, std::size_t probes = 0);

  const QueryBuilder& builder() const { return *builder_; }
  const Xapian::Database& database() const { return database_; }

 private:
  using HitMap = std::map<Xapian::docid, Hit>;

  std::size_t add_word_hits(const SearchRequest& request, std::size_t wanted, HitMap& hits, double& best_bm25) const;
  void add_vector_hits(const SearchRequest& request, std::size_t wanted, HitMap& hits);
  std::vector<Hit> nearest_by_scan(const SearchRequest& request);
  std::vector<Hit> nearest_by_tokens(const SearchRequest& request, std::size_t candidates);
  void weigh_words(const SearchRequest& request, HitMap& hits) const;

  Xapian::Database database_;
  std::shared_ptr<const QueryBuilder> builder_;
  std::unique_ptr<VectorReader> vectors_;
};

}  // namespace vecterm
