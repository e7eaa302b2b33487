// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzers/progress.h"
#include "analyzers/tokenizer.h"
#include "analyzers/training/trainer.h"
#include "plugin/analyzer_settings.h"

namespace vecterm {

/// Which files to learn from. Without files of pairs, the corpora alone are read.
struct TrainingFiles {
  std::vector<std::string> corpora;                ///< JSON lines: items by id
  std::vector<std::string> pairs;                  ///< [task TAB] query text TAB item id [TAB weight]
  std::vector<std::string> text_pairs;             ///< [task TAB] query text TAB text [TAB weight]
  std::vector<std::string> item_pairs;             ///< [task TAB] item id TAB item id [TAB weight]
  std::vector<std::string> validation_pairs;       ///< as `pairs`, never learned from
  std::vector<std::string> validation_text_pairs;  ///< as `text_pairs`, never learned from
  bool own_pairs = false;                          ///< whether the corpora's documents make pairs, by own_pairs()
  std::string entity_vectors;                      ///< item ids and their vectors, by read_word_vectors()
  DocumentFields fields = default_fields();        ///< of the corpora's items
  std::string scratch;                             ///< directory for temporary files; empty = the system's
  unsigned threads = 0;                            ///< of the tokenizer; 0 = all cores
};

/// What was read; for people.
struct TrainingSummary {
  std::uint64_t documents = 0;      ///< entities that are items of their own: of corpora and entity vectors
  std::uint64_t words = 0;          ///< running words of all texts, each text once
  std::uint64_t pair_words = 0;     ///< running words of the pairs' texts, for each pair
  std::uint64_t pairs = 0;          ///< usable pairs, those of validation and of the documents' own included
  std::uint64_t unknown_items = 0;  ///< pairs with an item that is in no corpus and has no vector; left out
};

/// Reads and tokenizes training files. Entities [0, summary.documents) are the items with entity vectors, then the
/// corpora's documents, in input order (a document whose id has a fixed vector is left out); the texts of pairs
/// follow, each once, and the parts of documents that make pairs of their own; for these, corpora are read again. Three columns are task, query, item; four have a weight, a number >= 0, behind them. Pairs
/// without a task belong to the task "pairs".
/// @throws DataError naming file and line for a line with a wrong number of columns or a bad weight; where there are
///         files of pairs and no pair is usable; InvalidArgument for fields as check_fields
TrainingData read_training_files(const TrainingFiles& files, const Tokenizer& tokenizer, TrainingSummary& summary,
                                 const ProgressFunction& progress = {});

}  // namespace vecterm
