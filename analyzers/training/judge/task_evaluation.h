// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "analyzers/training/evaluation.h"
#include "analyzers/training/training_data.h"
#include "analyzers/vector_codec.h"

namespace vecterm {

/// One for each task that has held-out pairs.
/// @param codec  of the slot that the vectors which are found stand in; those that look for them are not rounded
std::vector<TaskEvaluation> evaluate_tasks(const TrainingData& data, const EntityVectors& vectors, unsigned threads = 0,
                                           VectorCodec codec = VectorCodec::kFloat32);

}  // namespace vecterm
