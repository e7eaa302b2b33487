// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "analyzers/training/evaluation.h"
#include "analyzers/training/learn/word_rows.h"

namespace vecterm {

/// Where a training run stands between two steps: with the data and the options, all that the rest of it depends on.
struct TrainingState {
  WordRows::State words;
  std::uint32_t epoch = 0;  ///< epochs that have ended
  std::uint64_t step = 0;   ///< of the current epoch
  double rate_factor = 1;   ///< halved by each rollback
  std::uint32_t rollbacks = 0;
  double first_loss = std::numeric_limits<double>::max();  ///< of the first part of the run
  double least_loss = std::numeric_limits<double>::max();  ///< of all parts; with it, divergence is measured
  std::vector<double> losses;                              ///< of each task in the current epoch, sum
  std::vector<std::uint64_t> pairs;                        ///< of each task in the current epoch
  std::vector<EpochReport> epochs;
  std::uint32_t best_epoch = 0;
  AlignedFloats best_rows;         ///< of the best epoch so far; empty without validation
  std::vector<float> best_mixing;  ///< of the same epoch
};

/// Writes a checkpoint file: a line with the checksum of all that follows, a line of JSON, then the arrays,
/// little-endian. `run` stands for data and options.
/// @throws DiskError where writing fails
void write_checkpoint(const std::string& path, const std::string& run, const TrainingState& state);

/// What a state must fit that a run goes on from.
struct TrainingShape {
  const WordRows::State& words;  ///< as the run begins
  std::size_t tasks = 0;
  std::uint32_t epochs = 0;
};

/// Nothing where there is no file. The step is left to the caller, who knows how many an epoch has.
/// @throws DataError for a damaged one, for one of another run and, whatever its checksum says, for one that does not
///         fit `shape` or has numbers that no run writes
std::optional<TrainingState> read_checkpoint(const std::string& path, const std::string& run,
                                             const TrainingShape& shape);

}  // namespace vecterm
