// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/progress.h"
#include "analyzers/tokenizer.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/training_data.h"
#include "plugin/analyzer_settings.h"

namespace CLI {
class App;
}

namespace vecterm::cli {

/// What a command line says of the hash space of a dictionary that is made of vectors, and of the documents that it is
/// to be learned from.
struct HashSpaceRequest {
  std::vector<std::string> corpora;
  DocumentFields fields = default_fields();
  std::string family;
  HashSpaceOptions options;
};

/// Adds its options to a verb. `request` must outlive the parsing.
void add_hash_space_request(CLI::App& verb, HashSpaceRequest& request);

/// Chooses the family where none is named. @throws InvalidArgument for values that cannot be
void complete(HashSpaceRequest& request);

/// The documents; none where no corpus is named.
TrainingData read_documents(const HashSpaceRequest& request, const Tokenizer& tokenizer,
                            const ProgressFunction& progress);

/// Learns a hash space of the documents, or makes one that needs none.
std::shared_ptr<const HashSpace> make_hash_space(const HashSpaceRequest& request, const DictionaryContents& contents,
                                                 const TrainingData& documents, const ProgressFunction& progress);

}  // namespace vecterm::cli
