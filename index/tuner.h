// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "../plugin/search_request.h"

namespace vecterm {

/// What is to be measured.
struct VECTERM_API TuneOptions {
  double recall = 0.95;      ///< wanted, (0, 1]
  std::size_t k = 10;        ///< of the k nearest documents, [1, 1000]
  std::size_t sample = 500;  ///< queries that are measured, [1, 100000]: more make recall surer, by their square root
  std::string queries;       ///< file of queries (read_queries); empty = documents, each left out of its own hits
  unsigned threads = 0;      ///< 0 = all cores
  std::vector<std::string> dictionaries = {};  ///< IndexOptions::dictionaries

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

/// Finds how far searches of an index must look for a recall: runs a sample of queries with rising limits of either
/// kind (ProbeLimits), with the exact scan as the judge: a hit counts when its cosine is that of the k-th nearest
/// document or more, but for 1e-6, because duplicates tie. Between the two points around the wanted recall it looks
/// closer. Points and recall are the same at any number of threads. Documents are easier to find than what people ask
/// for, so real queries make the better sample.
///
/// @param path  a database directory, or a stub file of local databases
/// @throws InvalidArgument for an option out of its range or a remote database; DataError where nothing can be
///         measured, or no limits reach the wanted recall, with the best seen; else as Index
VECTERM_API Tuning tune_index(const std::string& path, const TuneOptions& options,
                              const ProgressFunction& progress = {});

/// Stores a tuning with the index, in one transaction of each of its databases; from then on searches aim at its
/// target. Sidecars are published again for the new revision.
/// @param dictionaries  IndexOptions::dictionaries
/// @throws WrongDictionary where the index has another hash space; NotFound; DiskError; Xapian::DatabaseLockError
VECTERM_API void store_tuning(const std::string& path, const Tuning& tuning,
                              const std::vector<std::string>& dictionaries = {});

}  // namespace vecterm
