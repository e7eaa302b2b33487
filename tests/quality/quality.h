// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/trainer.h"
#include "index/evaluation.h"
#include "index/indexer.h"

/// The main job on the shared data sets, for the tests that hold its results against bars and the benchmark relevance.
namespace vecterm::test {

/// Learns a dictionary with its hash space, exactly as `vecterm train` does with its defaults.
DictionaryContents learned(const std::string& corpus, const std::string& pairs, const DocumentFields& fields,
                           unsigned threads = 0);
std::shared_ptr<const Dictionary> trained(const std::string& corpus, const std::string& pairs,
                                          const DocumentFields& fields);

/// A dictionary that knows no word: for indexes that are searched by words alone.
std::shared_ptr<const Dictionary> wordless();

/// Copies a corpus without titles.
void write_text_only(const std::string& corpus, const std::string& path);

/// What is searched, and what is asked.
struct SetFiles {
  std::string corpus;
  std::string queries;
  std::string judgements;
};

/// The books of goodbooks that are in no pair, and the queries for which at least three of them were judged.
/// @param goodbooks  directory of the set
/// @param directory  where corpus and judgements are written; made where there is none
SetFiles write_held_out(const std::string& goodbooks, const std::string& directory);

/// Indexes a corpus into a new database at `path`, which is returned.
std::string indexed(const std::string& path, const std::string& corpus, std::shared_ptr<const Dictionary> dictionary,
                    const std::string& stemmer = "en", unsigned threads = 0);

}  // namespace vecterm::test
