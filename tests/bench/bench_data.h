// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/training/trainer.h"
#include "index/writing/corpus.h"

/// Real text for the benchmarks: the debian set of the shared data, or any corpus and pairs of the same layout named by
/// VECTERM_BENCH_CORPUS and VECTERM_BENCH_PAIRS (those of examples/quickstart, for example).
namespace vecterm::bench {

struct BenchData {
  std::vector<CorpusDocument> documents;
  std::vector<std::string> queries;  ///< distinct query texts of the pairs
  TrainingData training;
  std::size_t training_words = 0;  ///< running words of the pairs' queries and items: one epoch
};

/// Loaded once. @throws DataError where there is no data; it says which variable to set
const BenchData& data();

/// Contents learned in `epochs` epochs from data(), without a hash space.
DictionaryContents learned(std::uint32_t epochs);

/// The documents' vectors, row-major.
std::vector<float> vectors(const DictionaryContents& contents);

}  // namespace vecterm::bench
