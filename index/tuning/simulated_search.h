// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyzers/hash_space.h"
#include "index/index.h"
#include "index/tuning/tuning_sample.h"
#include "plugin/search_request.h"

/// Internal: searches of an index as another hash space would have it, without making the index.
namespace vecterm {

/// All vectors of an index in memory, as QueryBuilder::vector() has them.
struct IndexVectors {
  std::size_t dimensions = 0;
  std::vector<float> rows;            ///< row-major docids.size() x d, unit vectors
  std::vector<Xapian::docid> docids;  ///< of the rows, in the index as a whole
};

/// @param directories  the index's databases in their order
/// @throws DataError where a vector is damaged
IndexVectors read_index_vectors(Index& index, const std::vector<std::string>& directories);

/// A query and the rows that count as hits: the k nearest, and those as near as the last of them.
struct SimulatedQuery {
  UnitVector unit;
  std::size_t wanted = 0;   ///< candidates without which a search compares all documents
  std::size_t nearest = 0;  ///< how many there are to be found, at most k
  std::vector<std::uint32_t> rows;
};

/// Compares each query with all rows; queries without any hit are left out.
std::vector<SimulatedQuery> judge(const IndexVectors& vectors, std::vector<TuningQuery> queries, std::size_t k,
                                  unsigned threads);

/// Keeps each bucket's posting list, and of each hit its buckets: that says what is found and read.
class SimulatedSearch {
 public:
  /// `hash_space` and `queries` must outlive it.
  SimulatedSearch(const HashSpace& hash_space, const IndexVectors& vectors, std::span<const SimulatedQuery> queries,
                  unsigned threads);

  /// Means over all queries; candidates and microseconds are 0.
  TuningPoint measure(const ProbeLimits& limits) const;

 private:
  struct Outcome {
    std::size_t found = 0;
    std::size_t probes = 0;
    std::size_t postings = 0;
  };

  Outcome run(const SimulatedQuery& query, const ProbeLimits& limits) const;
  std::span<const std::uint32_t> postings(const Bucket& bucket) const;
  bool too_few(const SimulatedQuery& query, std::span<const Bucket> probed, std::size_t sum) const;

  const HashSpace& hash_space_;
  std::span<const SimulatedQuery> queries_;
  unsigned threads_;
  std::size_t documents_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> postings_;  ///< rows by bucket, ascending
  std::unordered_map<std::uint32_t, std::vector<Bucket>> buckets_of_hits_;  ///< by row, ascending
};

}  // namespace vecterm
