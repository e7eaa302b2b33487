// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <optional>
#include <string>

#include "plugin/analyzer_settings.h"

namespace vecterm {

/// Internal: the record by which most documents of a sample are embedded, where that is another one than the index has:
/// with a dictionary beside the database, and the prefix, slot, codec and generation that the documents themselves show.
/// Where the record's own dictionary is there and fits it, no other one comes into question: documents that follow
/// another one can be made again. Nothing where the record fits at least half as many documents, or none fits most.
/// @param path   the database's directory
/// @param other  of a generation beside it, whose dictionary documents have, too
/// @throws Xapian::DatabaseModifiedError
std::optional<IndexRecord> record_of_documents(const Xapian::Database& database, const std::string& path,
                                               const IndexRecord& record, const std::optional<IndexRecord>& other);

}  // namespace vecterm
