// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// The unit vectors of the first `documents` entities (of a part of them, evenly chosen, beyond 2^18), row-major,
/// without those that have none: what a hash space is learned from.
VECTERM_API std::vector<float> document_vectors(const DictionaryContents& dictionary, const TrainingData& data,
                                                std::size_t documents, unsigned threads = 0);

/// The vectors that a dictionary gives to entities, whose bags have bigrams where it has. Both must outlive it.
VECTERM_API EntityVectors entity_vectors(const DictionaryContents& dictionary, const TrainingData& data);
VECTERM_API EntityVectors entity_vectors(const Embedder& embedder, const TrainingData& data);

}  // namespace vecterm
