// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// The vectors that a dictionary gives to entities, whose bags have bigrams where it has. Both must outlive it.
EntityVectors entity_vectors(const DictionaryContents& dictionary, const TrainingData& data);
EntityVectors entity_vectors(const Embedder& embedder, const TrainingData& data);

}  // namespace vecterm
