// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "analyzers/dictionary.h"
#include "analyzers/training/training_options.h"

namespace vecterm {

/// What training gives where an old dictionary is updated. Rows that moved at most update.epsilon, by Euclidean
/// distance, get their old values back; entries that `learned` lacks are added as they were; hash space, tokenizer and
/// codec are the old ones. So what has not moved keeps its bytes, and its documents need not be embedded again. Rows
/// are vectors, into which trigrams are folded here; of a hashed dictionary, its components and the entries' weights
/// of them. Internal.
/// @param learned  vectors without trigrams
/// REQUIRES: update.old, of the same dimensions, n-grams and components.
DictionaryContents updated(DictionaryContents learned, const DictionaryUpdate& update);

}  // namespace vecterm
