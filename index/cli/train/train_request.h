// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/trainer.h"
#include "index/feeding/training_input.h"

namespace CLI {
class App;
}

namespace vecterm::cli {

/// What a command line of `train` asks for.
struct TrainRequest {
  std::string output;
  TrainingFiles files;
  TrainingOptions training;
  TrainingRun run;
  HashSpaceOptions hash_space;
  std::string method;  ///< lsa, pairs or both; empty = by what there is
  std::optional<std::uint32_t> dimensions;
  std::uint32_t text_dimensions = 0;  ///< those learned from the texts alone
  std::string codec;                  ///< empty = float32, or that of the old dictionary
  bool ngrams = false;                ///< asked for; they are learned from pairs unless words_only
  bool words_only = false;
  std::string stemmer = "en";  ///< of what has one vector where the texts alone are learned from
  std::string old;             ///< dictionary to update
  bool new_hash_space = false;
  bool new_weights = false;
  bool no_sketch = false;
  std::string plot;
  double validation_share = 0;
  double autotune_seconds = 0;

  /// Whether there are pairs, be it of the texts' own.
  bool has_pairs() const { return has_pair_files() || files.own_pairs; }
  bool has_pair_files() const { return !files.pairs.empty() || !files.text_pairs.empty() || !files.item_pairs.empty(); }
  bool learns_from_pairs() const { return method.empty() ? has_pairs() : method != "lsa"; }
  bool learns_from_texts() const { return method.empty() ? !has_pairs() : method != "pairs"; }
};

/// Adds the options of `train` to its verb. `request` must outlive the parsing.
void add_train_options(CLI::App& verb, TrainRequest& request);

/// Chooses the kinds of n-grams and the numbers of dimensions and components. Opens the old dictionary of an update, which
/// gives them, unless the request does.
/// @throws DataError for one that cannot be read or was made with another tokenizer; InvalidArgument where n-grams are
///         asked for and it has none
void open_old(TrainRequest& request);

/// Values that only make sense together. @param verb  the one of add_train_options()
/// @throws InvalidArgument, DiskError for an output that cannot be written
void check(const CLI::App& verb, const TrainRequest& request);

/// Of what is learned from the texts alone. @throws InvalidArgument for an unknown stemmer
LatentSemanticsOptions latent_semantics_options(const TrainRequest& request);

}  // namespace vecterm::cli
