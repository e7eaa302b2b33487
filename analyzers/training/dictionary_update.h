// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "../dictionary.h"
#include "training_options.h"

namespace vecterm {

/// What training gives where an old dictionary is updated. Rows that moved at most update.epsilon, by Euclidean
/// distance, get their old values back; words that `learned` lacks are added as they were; hash space, tokenizer and
/// codec are the old ones. So an unmoved word keeps its bytes, and its documents need not be embedded again. Internal.
/// REQUIRES: update.old, of the same dimensions.
DictionaryContents updated(DictionaryContents learned, const DictionaryUpdate& update);

}  // namespace vecterm
