// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/dictionary.h"
#include "analyzers/version.h"

namespace vecterm {

/// What became of a dictionary's words and n-grams. Each list ascends in byte order.
struct VECTERM_INTERNAL_API DictionaryDifference {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> moved;  ///< in both, with another weight or another vector, be it by one bit

  /// All three, ascending: the entries whose documents may have another embedding now.
  std::vector<std::string> words() const;
};

/// Compares word by word what an embedding depends on: weights, and vectors as Dictionary::copy_vector() gives them.
/// Counts and provenance do not matter. Words of weight 0 that come, go or move count like others. Between dictionaries
/// of other kinds of n-grams, all entries with a space have moved: they mean another thing.
/// @throws InvalidArgument where the dimensions differ
VECTERM_INTERNAL_API DictionaryDifference difference(const Dictionary& before, const Dictionary& after);

}  // namespace vecterm
