// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "analyzers/dictionary.h"

namespace vecterm {

/// Writes word2vec's text format with its first line; read_word_vectors() reads it. `raw` = the bare rows; otherwise
/// each row times its weight, so that plain sums of rows give our direction. Numbers are written so that reading gives
/// the same float. Of a dictionary with n-grams only the words are written.
/// @throws DiskError where writing fails; DataError for a word that the format cannot hold
void write_word2vec(const std::string& path, const Dictionary& dictionary, bool raw);

}  // namespace vecterm
