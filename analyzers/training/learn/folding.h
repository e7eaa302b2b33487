// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>

#include "analyzers/dictionary.h"
#include "analyzers/training/learn/word_rows.h"

namespace vecterm {

/// Words are learned apart from their trigrams, but the vector of a word in a dictionary holds both, as in the text
/// files of fastText (Bojanowski et al., "Enriching word vectors with subword information", TACL 2017): vector = own
/// + sum of weight * vector of the trigrams / the word's weight, so that an embedding need not look for the trigrams
/// of known words. Words of weight 0 have none. Internal.

/// Folds the trigrams into the first `count` entries; nothing in a hashed dictionary.
void fold_trigrams(DictionaryContents& contents, std::size_t count);

/// The rows that a dictionary was, or could have been, made of.
/// @param scratch  directory of temporary files; empty = the system's
OldRows unfolded(const Dictionary& dictionary, const std::string& scratch);

}  // namespace vecterm
