// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/bench/ann/collection.h"

namespace vecterm::bench {

/// What a system takes beside its queries' time.
struct Costs {
  double build_s = 0;                ///< CPU time from ready vectors; of mixed and words: from texts
  std::uint64_t disk_bytes = 0;      ///< what it adds on disk; of mixed and words: the whole index
  std::uint64_t resident_bytes = 0;  ///< what it adds to a searching process; of words: the whole process
};

/// One way of searching, with a knob that trades recall for time. The knob is percents of the default reach (vecterm),
/// ef or the documents fetched (hnswlib), nprobe (Faiss IVF), efSearch (Faiss HNSW); 0 where there is none.
struct Curve {
  std::string system;  ///< vecterm, hnswlib, faiss-ivf, faiss-hnsw, exact
  std::string plan;    ///< of vecterm; "over-fetch" of hnswlib under a filter
  std::string family;  ///< of vecterm's tokens; the codebook's size of faiss-ivf
  Filter filter = kFilters[0];
  std::vector<std::size_t> knobs;  ///< ascending
  std::size_t asked = 0;           ///< exactly so many queries; 0 = all, or fewer where they are slow
  double enough = 0.995;           ///< no larger knobs after this recall
  Costs costs;
  std::function<Hits(std::size_t query, std::size_t knob)> search;
  /// The recall of its hits; empty = Truth's.
  std::function<double(std::size_t query, const Hits& hits)> judge;
};

/// A measured point of a curve.
struct Point {
  const Curve* curve;
  std::size_t knob = 0;
  std::size_t queries = 0;  ///< asked; fewer than all where they are slow
  double recall = 0;        ///< mean of the queries
  double latency_us = 0;    ///< median of the queries' CPU times, each the best of the rounds
  double mean_us = 0;       ///< their mean: larger where a system works longer on hard queries
};

/// Measures all curves in rounds, so that a slow minute of the machine falls on each.
std::vector<Point> measure(const std::vector<Curve>& curves, const Truth& truth, std::size_t queries,
                           std::size_t rounds);

}  // namespace vecterm::bench
