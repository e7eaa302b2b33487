// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "../errors.h"
#include "../version.h"

namespace vecterm {

/// Query row `query` ought to find item row `item`.
struct VECTERM_API RelevantPair {
  std::uint32_t query = 0;
  std::uint32_t item = 0;

  auto operator<=>(const RelevantPair&) const = default;
};

/// Means over the queries that have a pair, each in [0, 1].
struct VECTERM_API RetrievalMetrics {
  double recall_1 = 0;      ///< share of a query's relevant items with rank 1
  double recall_10 = 0;     ///< with a rank of at most 10
  double recall_100 = 0;    ///< with a rank of at most 100
  double mrr = 0;           ///< 1 / the best rank of a relevant item, at any depth
  std::size_t queries = 0;  ///< how many have a pair
};

/// How well the nearest items, compared with every one of them, are the relevant ones. The rank of an item is 1 + the
/// number of items with a strictly greater cosine, so ties count in its favour. A row of zeros stands for "no vector":
/// such a query finds nothing, such an item is found by no query and stands below every other.
///
/// The metrics have the same bits for every number of threads. n queries take n * m * d multiplications.
///
/// @param query_units  row-major n x `dimensions`, each row of norm 1 or zero
/// @param item_units   row-major m x `dimensions`, each row of norm 1 or zero
/// @param pairs        in any order; a repeated pair counts once
/// @param threads      0 = all cores
/// @throws InvalidArgument where the sizes do not fit `dimensions`, a number is not finite or a pair points beyond
///         the rows
VECTERM_API RetrievalMetrics evaluate_retrieval(std::span<const float> query_units, std::span<const float> item_units,
                                                std::span<const RelevantPair> pairs, std::size_t dimensions,
                                                unsigned threads = 0);

}  // namespace vecterm
