// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "../analyzers/errors.h"
#include "../analyzers/progress.h"
#include "../analyzers/version.h"
#include "write_options.h"

namespace vecterm {

/// Compares an index with what it should be, from the documents' term lists and the dictionaries, and has Xapian check
/// the database. Writes nothing; others may search and write meanwhile. Terms and values of a host's own, under other
/// prefixes and slots than the index's, are left alone.
///
/// @param path  a database directory, or a stub file of local databases
/// @throws InvalidArgument for an option out of its range; NotFound where there is no database;
///         Xapian::DatabaseModifiedError where others change it too quickly
VECTERM_API CheckReport check_index(const std::string& path, const CheckOptions& options = {},
                                    const ProgressFunction& progress = {});

/// The same, and mends what was found and can be: embeds documents again and those that are pending, finishes an update
/// and a generation that is being built, removes orphans, damaged entries and unused files, installs dictionaries, and
/// writes the sidecar. What cannot be made again is given up by CheckOptions::force alone: a record that does not fit the
/// documents, damaged profiles, the generation beside the serving one where vecterm.generations is damaged, and tokens
/// of no generation where the index's own generations are in doubt, or that most documents have.
/// @throws as check_index(); DiskError; Xapian::DatabaseLockError
VECTERM_API RepairReport repair_index(const std::string& path, const CheckOptions& options = {},
                                      const ProgressFunction& progress = {});

}  // namespace vecterm
