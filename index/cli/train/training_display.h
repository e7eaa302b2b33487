// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "analyzers/training/learn/autotune.h"
#include "index/cli/progress_bar.h"
#include "index/cli/train/update_report.h"

namespace vecterm::cli {

NGramCounts entries_of(const DictionaryContents& contents);

/// Shows on standard error how training gets on: one line that is drawn anew on a terminal; lines of JSON otherwise,
/// one an epoch and one every ten seconds.
class TrainingDisplay {
 public:
  explicit TrainingDisplay(std::uint32_t epochs) : epochs_(epochs) {}

  /// For the steps that are not training.
  ProgressFunction function() { return bar_.function(); }
  /// A line that stays, above the one that is drawn anew.
  void note(const std::string& text);
  void set_epochs(std::uint32_t epochs) { epochs_ = epochs; }
  void show(const TrainingProgress& progress);
  void show(const AutotuneTrial& trial, std::size_t number);
  void show(const EpochReport& epoch);
  void show(const TrainingResult& result);
  void show(const UpdateReport& report);

 private:
  ProgressBar bar_;
  std::uint32_t epochs_;
  std::string validation_;
  double best_ = 0;  ///< of the trials
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace vecterm::cli
