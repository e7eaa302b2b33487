// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/progress.h"
#include "index/tuner.h"

namespace vecterm {

/// A hash space and the cheapest way to search with it.
struct HashSpaceTrial {
  std::shared_ptr<const HashSpace> hash_space;
  bool reached = false;  ///< whether some limits reach the recall
  /// The cheapest that reaches the recall, else the one with the best recall. Of a simulation: candidates and
  /// microseconds are 0.
  TuningPoint point;
};

struct HashSpaceTuning {
  std::size_t documents = 0;           ///< with a vector
  std::size_t queries = 0;             ///< in the sample
  std::vector<HashSpaceTrial> trials;  ///< the index's own is the first
  std::size_t best = 0;                ///< of those that reach the recall the cheapest; the earlier one where they tie

  /// Whether no other was cheaper than the index's own.
  bool keeps_own() const { return best == 0; }
};

/// Learns hash spaces of the index's family with other numbers from all its vectors, and finds for each the cheapest
/// limits that reach the recall, by a simulation in memory: a query costs what TuningPoint::cost() says, and finds the
/// nearest documents that share one of its buckets, or all where its buckets have too few. Searches of an index differ
/// from it in what they count a reach from. Of cells: half, the same and double the number (of a table, on
/// average), and a quarter with double in two tables with one assignment. Of the other families: one bit less and one
/// more; of p-stable with the width that HashSpaceOptions has. The result is the same at any number of threads.
///
/// Takes 4 * d bytes of memory for each document, and 12 for each of its buckets.
///
/// @param path  a database directory, or a stub file of local databases
/// @throws InvalidArgument and DataError as tune_index(), the latter also where no hash space reaches the recall
HashSpaceTuning tune_hash_space(const std::string& path, const TuneOptions& options,
                                const ProgressFunction& progress = {});

/// A hash space's numbers for people: "512 cells, tables 1, assignments 2", "tables 32, bits 14".
std::string hash_space_numbers(const HashSpace& hash_space);

/// The same words, counts, weights and vectors with another hash space, which the provenance names as "tuned". An index
/// follows it as it does any other hash space (reindex, activate_generation).
/// @throws InvalidArgument where the dimensions differ
DictionaryContents with_hash_space(const Dictionary& dictionary, std::shared_ptr<const HashSpace> hash_space);

}  // namespace vecterm
