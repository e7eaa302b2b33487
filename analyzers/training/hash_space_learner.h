// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../errors.h"
#include "../hash_space.h"
#include "../progress.h"
#include "../version.h"

namespace vecterm {

struct DictionaryContents;
class TrainingData;

/// The most cells that a table is learned with.
inline constexpr std::uint32_t kMaxLearnedCells = 1U << 20;

/// Which hash space to make; 0 lets vecterm choose by the number of documents.
struct VECTERM_API HashSpaceOptions {
  std::string family = "cells";  ///< HashSpace::family(); analyzers/README.md has a table of them
  /// cells: one table for each number, [2, 2^20]; empty = one of the power of two nearest 8 sqrt(n), at most n/4
  std::vector<std::uint32_t> cells;
  std::uint32_t assignments = 2;  ///< cells: of each table that a document is filed under, [1, 4]
  std::uint32_t tables = 0;       ///< all but cells: [1, 256]; 0 = 32. Called L in the literature
  std::uint32_t bits = 0;  ///< all but cells: [1, 24]; 0 = log2(n) - 4 in [4, 20]. Called k or r in the literature
  float width = 2.25F;     ///< p-stable: of the hashes' intervals, [0.01, 100]. Called w or r in the literature
  std::uint32_t iterations = 8;  ///< of k-means, [1, 1000]
  unsigned threads = 0;          ///< 0 = all cores; the result is the same for every number
  std::uint64_t seed = 1;

  bool operator==(const HashSpaceOptions&) const = default;
};

/// What the functions below check before anything else. @throws InvalidArgument for an option out of its range
VECTERM_API void check_hash_space_options(const HashSpaceOptions& options);

/// Whether a family can only be learned from documents; false also for an unknown name.
VECTERM_API bool is_learned_family(std::string_view family);

/// The unit vectors of the first `documents` entities (of a part of them, evenly chosen, beyond 2^18), row-major,
/// without those that have none: what a hash space is learned from.
VECTERM_API std::vector<float> document_vectors(const DictionaryContents& dictionary, const TrainingData& data,
                                                std::size_t documents, unsigned threads = 0);

/// Learns a hash space from document vectors: cells by spherical k-means (Dhillon and Modha, Machine Learning 2001),
/// the other families at random around the vectors' mean: orthogonal planes, signs of rotations, Gaussian projections.
/// @param vectors  row-major n x d, unit vectors of documents (of words they would read about ten times more
///                 postings)
/// @throws InvalidArgument for an option out of its range; DataError where n < 2
VECTERM_API std::shared_ptr<const HashSpace> learn_hash_space(std::span<const float> vectors, std::size_t dimensions,
                                                              const HashSpaceOptions& options,
                                                              const ProgressFunction& progress = {});

/// A family that needs no training, around a given mean, for a dictionary without a corpus. `options.bits` 0 = 12.
/// @throws InvalidArgument for a family that is learned from documents (is_learned_family), or an option out of its range
VECTERM_API std::shared_ptr<const HashSpace> random_hash_space(std::span<const float> mean,
                                                               const HashSpaceOptions& options);

}  // namespace vecterm
