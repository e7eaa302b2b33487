// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/trainer.h"
#include "index/training_input.h"

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
  std::string codec = "float32";
  std::string plot;
  double validation_share = 0;
  double autotune_seconds = 0;
};

/// Adds the options of `train` to its verb. `request` must outlive the parsing.
void add_train_options(CLI::App& verb, TrainRequest& request);

/// Values that only make sense together. @throws InvalidArgument, DiskError for an output that cannot be written
void check(const TrainRequest& request);

}  // namespace vecterm::cli
