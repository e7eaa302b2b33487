// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "analyzers/dictionary.h"
#include "analyzers/training/training_data.h"

namespace vecterm {

/// What it takes to have documents follow from one dictionary to another.
struct UpdateCost {
  std::size_t documents = 0;          ///< that have a vector by either dictionary
  std::size_t with_changed_word = 0;  ///< of these, to be embedded again: they have a word that came, went or moved
  std::size_t changed = 0;            ///< of these, to be written again: tokens or float16 vector are others
  std::uint64_t tokens = 0;           ///< by the old dictionary, of all documents
  std::uint64_t kept_tokens = 0;      ///< of these, those that the new dictionary gives as well
};

/// Counts over the texts of the first `documents` entities. With another hash space no token is kept and every document
/// is changed.
/// @param threads  0 = all cores; changes nothing
/// @throws InvalidArgument where the dimensions differ
UpdateCost update_cost(std::shared_ptr<const Dictionary> before, std::shared_ptr<const Dictionary> after,
                       const TrainingData& data, std::size_t documents, unsigned threads = 0);

}  // namespace vecterm
