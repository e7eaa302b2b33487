// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "analyzers/dictionary.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/trainer.h"
#include "index/evaluation.h"
#include "index/indexer.h"
#include "tests/support.h"

/// The main job on the shared data sets, for the tests that hold its results against bars.
namespace vecterm::test {

/// Learns a dictionary with its hash space, exactly as `vecterm train` does with its defaults.
std::shared_ptr<const Dictionary> trained(const std::string& corpus, const std::string& pairs,
                                          const std::vector<std::string>& fields);

/// A dictionary that knows no word: for indexes that are searched by words alone.
std::shared_ptr<const Dictionary> wordless();

/// Copies a corpus without titles.
void write_text_only(const std::string& corpus, const std::string& path);

/// Indexes a corpus into a new database and says where.
std::string indexed(const TemporaryDirectory& directory, const std::string& name, const std::string& corpus,
                    std::shared_ptr<const Dictionary> dictionary, const std::string& stemmer = "en",
                    unsigned threads = 0);

}  // namespace vecterm::test
