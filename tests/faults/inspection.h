// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "plugin/document_embedder.h"
#include "tests/faults/history.h"

namespace vecterm::faults {

/// The generations that an index may have, each with the dictionaries that it may be at.
using Generations = std::vector<std::vector<DocumentEmbedder>>;

/// What is wrong with a database whose writer was interrupted: it does not open, xapian-check finds errors, an
/// acknowledged entry is lost, a document has a generation in part, or the sidecar is not that of the slot.
/// @param acknowledged  by the interrupted run
/// @param whole         the history of the same run without interruption
std::vector<std::string> inspect(const std::string& path, const History& acknowledged, const History& whole,
                                 const Generations& generations);

}  // namespace vecterm::faults
