// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/dictionary.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "analyzers/training/updates/update_cost.h"

namespace vecterm::cli {

/// What `train --update` did to a dictionary.
struct UpdateReport {
  std::size_t added = 0;  ///< words; none is removed
  std::size_t moved = 0;
  std::size_t unchanged = 0;
  bool keeps_hash_space = true;
  UpdateCost cost;
  std::vector<TaskEvaluation> before;  ///< of the tasks with held-out pairs, by the old dictionary
  std::vector<TaskEvaluation> after;   ///< of the same, by the new one
};

/// @param documents  entities whose texts stand for the documents of an index
UpdateReport report_update(std::shared_ptr<const Dictionary> old, std::shared_ptr<const Dictionary> recent,
                           const TrainingData& data, std::size_t documents, unsigned threads);

/// Lines for people.
std::vector<std::string> lines(const UpdateReport& report);

Json json(const UpdateReport& report);

}  // namespace vecterm::cli
