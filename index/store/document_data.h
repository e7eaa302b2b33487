// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>

#include "analyzers/version.h"

namespace vecterm {

/// The unique id of a document: its Q term, or the docid in decimal.
VECTERM_INTERNAL_API std::string document_id(const Xapian::Document& document, Xapian::docid docid);
/// The title in a document's data, or "".
std::string document_title(const Xapian::Document& document);

}  // namespace vecterm
