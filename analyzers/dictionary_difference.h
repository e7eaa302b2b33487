// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "dictionary.h"
#include "export.h"

namespace vecterm {

/// What became of a dictionary's words and n-grams. Each list ascends in byte order.
struct VECTERM_API DictionaryDifference {
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
VECTERM_API DictionaryDifference difference(const Dictionary& before, const Dictionary& after);

/// What an index has to expect of a compatible update.
struct VECTERM_API UpdateForecast {
  bool hashed = false;       ///< the dictionary before or the one after is
  double changed_share = 0;  ///< of the words of running text, by their counts, in [0, 1]: those that came or moved

  /// A warning, empty where there is no need of one.
  std::string text() const;
};
VECTERM_API UpdateForecast forecast(const DictionaryDifference& difference, const Dictionary& before,
                                    const Dictionary& after);

}  // namespace vecterm
