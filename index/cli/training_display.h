// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

#include "analyzers/training/trainer.h"
#include "progress_bar.h"

namespace vecterm::cli {

/// Shows on standard error how training gets on: one line that is drawn anew on a terminal; lines of JSON otherwise,
/// one an epoch and one every ten seconds.
class TrainingDisplay {
 public:
  explicit TrainingDisplay(std::uint32_t epochs) : epochs_(epochs) {}

  /// For the steps that are not training.
  ProgressFunction function() { return bar_.function(); }
  void show(const TrainingProgress& progress);
  void show(const EpochReport& epoch);
  void show(const TrainingResult& result);

 private:
  ProgressBar bar_;
  std::uint32_t epochs_;
  std::string validation_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace vecterm::cli
