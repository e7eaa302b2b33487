// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analyzers/version.h"
#include "plugin/documents/docid_set.h"
#include "plugin/documents/shard.h"
#include "plugin/query_builder.h"
#include "plugin/search/nearest_request.h"
#include "plugin/search_request.h"

namespace vecterm {

/// Internal: the nearest documents of local shards, found in this process. Posting lists are read as they stand, a
/// bitmap drops duplicates, a first pass over small rows scores the candidates, and the best of all shards together are
/// compared exactly.
///
/// Buckets with a centre are looked into, nearest first, until the next one is farther than 1 + reach times the mean of
/// two distances: of the nearest centre, and of the needed-th best document so far (by the first pass). So a query with
/// near documents ends early, and one whose filter drops most of them goes on.
///
/// All of this depends on the request and the documents only, not on how they are spread over shards. Ties break by
/// docid. Serves one thread.
class NearestSearch {
 public:
  NearestSearch(std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  /// Best first, at most `wanted`. @throws InvalidArgument where the request's plan does not fit
  std::vector<Neighbour> find(const NearestRequest& request, SearchReport& report);

  std::vector<Shard>& shards() { return shards_; }

 private:
  /// What one shard has to offer.
  struct Candidates {
    DocidList docids;
    std::vector<std::int32_t> scores;  ///< of the first pass, as far as it has come
    DocidSet taken;                    ///< already among docids, or not allowed
  };

  std::size_t vectors() const;
  const HashSpace& space() const { return builder_->embedder().embedder().dictionary().hash_space(); }
  Xapian::docid global(Xapian::docid local, std::size_t shard) const;

  std::vector<Neighbour> scan(const NearestRequest& request, SearchReport& report);
  void begin(const std::vector<std::shared_ptr<const DocidList>>& allowed);
  void probe(const NearestRequest& request, const FirstPassQuery& query, SearchReport& report);
  bool near_enough(const Probe& next, double nearest, const NearestRequest& request, const FirstPassQuery& query) const;
  void read(const Bucket& bucket, SearchReport& report);
  void score(const FirstPassQuery& query, std::size_t needed);
  void keep_best(const FirstPassQuery& query, std::size_t count, SearchReport& report);
  std::int32_t least_score(std::size_t count);
  std::vector<Neighbour> compare(const NearestRequest& request, SearchReport& report);

  std::shared_ptr<const QueryBuilder> builder_;
  std::vector<Shard> shards_;
  FirstPass first_pass_;
  std::vector<Candidates> candidates_;    ///< one a shard
  std::vector<std::int32_t> best_;        ///< the needed best scores so far, a heap with the least on top
  std::vector<std::int32_t> maxima_;      ///< scratch
  std::vector<std::uint32_t> positions_;  ///< scratch
};

}  // namespace vecterm
