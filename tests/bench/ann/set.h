// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/report.h"
#include "tests/bench/ann/texts.h"
#include "tests/bench/work_directory.h"

namespace vecterm::bench {

inline const std::vector<std::string> kSystems = {"vecterm", "hnswlib", "faiss-ivf", "faiss-hnsw", "exact"};

struct AnnOptions {
  std::vector<std::string> sets = {"64k"};  ///< "64k": the corpus; "1M": passages made from it
  std::vector<std::string> systems = kSystems;
  std::vector<std::string> families = {"cells", "cross-polytope", "hyperplane", "p-stable"};  ///< of vecterm
  std::size_t limit = 0;  ///< documents of a set at most; 0 = all
  std::size_t queries = 1000;
  std::size_t rounds = 3;
  std::uint32_t epochs = 4;
  std::uint64_t seed = 1;
  std::string work;  ///< "" = a temporary directory
  std::string json;  ///< "" = none, as all below
  std::string plot;
};

/// Builds all indexes of a set and measures every system on it.
SetReport run_set(const std::string& set, const AnnOptions& options, const Texts& texts,
                  const DictionaryContents& contents, const WorkDirectory& work);

}  // namespace vecterm::bench
