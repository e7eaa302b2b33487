// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <vector>

#include "analyzers/embedding.h"
#include "index/index.h"

/// Internal: what is searched for when an index is tuned.
namespace vecterm {

/// Cosines that differ by less are of duplicates.
inline constexpr double kTuningTie = 1e-6;

struct TuningQuery {
  UnitVector unit;
  Xapian::docid exclude = 0;  ///< the document that it is the vector of, which is no hit; 0 = none
};

/// At most `most` queries of the file (see read_queries), or documents where it is "", evenly spread.
/// @throws DataError where none has a vector, or the file is missing or damaged
std::vector<TuningQuery> sample_queries(Index& index, const std::string& file, std::size_t most);

}  // namespace vecterm
