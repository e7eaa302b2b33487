// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

#include "analyzers/dictionary.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// Takes out of all rows what documents have in common, so that cosines tell them apart: the direction of their mean,
/// then those of the largest variance of what is left (Arora et al., "A simple but tough-to-beat baseline for sentence
/// embeddings", ICLR 2017, at the level of sentences; Mu and Viswanath, "All-but-the-top", ICLR 2018). A document's vector is a
/// sum of rows, so it loses them exactly.
/// @param documents  the first so many entities of `data`, of which evenly chosen ones are looked at beyond 2^18
/// @param count      of directions, in [0, dimensions)
/// @returns the mean cosine of two documents before
/// @throws InvalidArgument for a count out of its range, and for a hashed dictionary; DataError where no document has a
///         vector
double remove_common_components(DictionaryContents& contents, const TrainingData& data, std::size_t documents,
                                std::size_t count, unsigned threads);

}  // namespace vecterm
