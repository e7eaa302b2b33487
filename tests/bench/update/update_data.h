// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analyzers/tokenizer.h"
#include "analyzers/training/evaluation.h"
#include "analyzers/training/training_data.h"

namespace vecterm::bench {

/// Judged queries over the documents.
struct Questions {
  std::vector<TermList> queries;
  std::vector<RelevantPair> relevant;
};

/// The debian set at two moments: when four of five pairs were known, and when all are. The first `documents` entities
/// of both are the corpus.
struct UpdateData {
  TrainingData before;
  TrainingData after;
  std::size_t documents = 0;
  Questions known;    ///< a held-out package's synopsis -> the package
  Questions related;  ///< a held-out package's synopsis -> related packages
};

/// The directory of the data; it may not be there.
std::string data_directory();

/// @param share  of all pairs and queries that are used at all, (0, 1]
UpdateData read_update_data(double share, unsigned threads);

}  // namespace vecterm::bench
