// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/dictionary.h"
#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "../plugin/analyzer_settings.h"
#include "write_options.h"

namespace vecterm {

/// Indexes corpora into the database at `path`, which is made where there is none. Documents are analysed on all
/// threads and written in input order by one writer, so docids are the same for any number of threads; a document
/// whose id is there already is replaced under its docid.
///
/// Each batch is one transaction that carries a cursor (lines read and a checksum of them): a run that was killed is
/// taken up where its last commit left it, if it is started again with the same input; with other input it starts
/// from the beginning. Nothing acknowledged is lost.
///
/// @param dictionary  copied into the database's directory under its fingerprint
/// @param settings    nothing = those of the index, or the defaults for a new one
/// @throws InvalidArgument where `settings` are not those that the index was made with; WrongDictionary where it was
///         made with another dictionary; DataError for a bad line (documents before it in the same batch are committed
///         first) and a database that is none; DiskError before the disk is full; Xapian::DatabaseLockError where
///         someone else writes
VECTERM_API WriteReport index_corpora(const std::string& path, std::shared_ptr<const Dictionary> dictionary,
                                      const std::vector<std::string>& corpora,
                                      const std::optional<AnalyzerSettings>& settings = {},
                                      const WriteOptions& options = {}, const ProgressFunction& progress = {});

/// Deletes documents by id, in one transaction. @returns how many there were
/// @param options  of which only lock_seconds counts
/// @throws NotFound where there is no database; Xapian::DatabaseLockError as above
VECTERM_API std::uint64_t delete_documents(const std::string& path, const std::vector<std::string>& ids,
                                           const WriteOptions& options = {});

}  // namespace vecterm
