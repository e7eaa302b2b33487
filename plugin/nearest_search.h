// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "../analyzers/export.h"
#include "query_builder.h"
#include "search_plan.h"
#include "shard.h"

namespace vecterm {

/// What to look for among the vectors.
struct NearestRequest {
  std::span<const float> unit;
  Xapian::Query filter;  ///< empty = all
  std::size_t wanted = 10;
  ProbeLimits limits;
  Plan plan = Plan::kAuto;
  std::size_t exact_below = 0;
};

/// Internal: the nearest documents of local shards, found in this process. Posting lists are read as they stand, a
/// bitmap drops duplicates, int8 rows score the candidates, and the best of all shards together are compared exactly.
/// Which ones those are depends on the request and the documents only, not on how they are spread over shards. Ties
/// break by docid. Serves one thread.
class NearestSearch {
 public:
  NearestSearch(std::shared_ptr<const QueryBuilder> builder, std::vector<Shard> shards);

  /// Best first, at most `wanted`. @throws InvalidArgument where the request's plan does not fit
  std::vector<Neighbour> find(const NearestRequest& request, SearchReport& report);

  std::size_t vectors() const;
  std::vector<Shard>& shards() { return shards_; }

 private:
  /// What one shard has to offer.
  struct Candidates {
    DocidList docids;
    std::vector<std::int32_t> scores;
  };

  std::vector<Neighbour> scan(const NearestRequest& request, SearchReport& report);
  void read_tokens(const std::vector<Probe>& probes, SearchReport& report);
  void keep_distinct(std::size_t shard, const DocidList* allowed);
  std::vector<Neighbour> compare(const NearestRequest& request, SearchReport& report);
  std::int32_t least_score(std::size_t count);
  Xapian::docid global(Xapian::docid local, std::size_t shard) const;

  std::shared_ptr<const QueryBuilder> builder_;
  std::vector<Shard> shards_;
  Int8Quantiser quantiser_;
  std::vector<Candidates> candidates_;  ///< one a shard
  std::vector<std::uint64_t> bits_;     ///< scratch, by docid; all zero between uses
};

}  // namespace vecterm
