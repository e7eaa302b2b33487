// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "analyzers/dictionary.h"

namespace vecterm {

/// Internal: what a dictionary is worth for the documents of an index, by some of them, evenly chosen.
struct DictionaryFit {
  std::size_t documents = 0;  ///< looked at
  double known = 0;           ///< share of their running words that have vectors, be it of n-grams or pieces
  double mean_cosine = 0;     ///< of two of them that have vectors

  /// What is wrong, and what to do next; empty where nothing is.
  std::vector<std::string> warnings() const;
};

/// Internal. @param dictionary  that of the index's serving generation
DictionaryFit dictionary_fit(const std::string& path, const std::shared_ptr<const Dictionary>& dictionary);

}  // namespace vecterm
