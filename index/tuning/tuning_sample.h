// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <vector>

#include "analyzers/embedding.h"
#include "index/index.h"
#include "index/tuner.h"

/// Internal: what is searched for when an index is tuned.
namespace vecterm {

/// Cosines that differ by less are of duplicates.
inline constexpr double kTuningTie = 1e-6;

struct TuningQuery {
  UnitVector unit;
  Xapian::docid exclude = 0;  ///< the document that it is the vector of, which is no hit; 0 = none
};

/// @throws InvalidArgument for an option out of its range
void check_tune_options(const TuneOptions& options);

/// At most options.sample queries of the file, or documents where there is none, evenly spread.
/// @throws DataError where none has a vector, or the file is missing or damaged
std::vector<TuningQuery> sample_queries(Index& index, const TuneOptions& options);

}  // namespace vecterm
