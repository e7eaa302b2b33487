// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../analyzers/export.h"
#include "../analyzers/progress.h"
#include "../analyzers/tokenizer.h"
#include "../analyzers/training/trainer.h"

namespace vecterm {

/// Which files to learn from.
struct VECTERM_API TrainingFiles {
  std::vector<std::string> corpora;                  ///< JSON lines: the items
  std::vector<std::string> pairs;                    ///< task TAB query text TAB item id, or without the task
  std::vector<std::string> text_pairs;               ///< task TAB query text TAB text, or without the task
  std::vector<std::string> fields{"title", "text"};  ///< of the items
  unsigned threads = 0;                              ///< of the tokenizer; 0 = all cores
};

/// What was read; for people.
struct VECTERM_API TrainingSummary {
  std::uint64_t documents = 0;      ///< of the corpora
  std::uint64_t words = 0;          ///< running words of items and queries
  std::uint64_t pairs = 0;          ///< usable pairs
  std::uint64_t unknown_items = 0;  ///< pairs whose item is in no corpus; left out
};

/// Reads and tokenizes training files. Items [0, summary.documents) are the corpora's documents, in input order; the
/// texts of text pairs follow. Queries are distinct. Pairs without a task belong to the task "pairs".
/// @throws DataError naming file and line for a line with a wrong number of columns; where no pair is usable
VECTERM_API TrainingData read_training_files(const TrainingFiles& files, const Tokenizer& tokenizer,
                                             TrainingSummary& summary, const ProgressFunction& progress = {});

/// The unit vectors of documents in their order, row-major, without those that have none: what a hash space is
/// learned from.
VECTERM_API std::vector<float> document_vectors(const DictionaryContents& dictionary,
                                                std::span<const TermList> documents, unsigned threads = 0);

}  // namespace vecterm
