// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <string>
#include <vector>

#include "analyzers/version.h"
#include "plugin/analyzer_settings.h"

namespace vecterm {

/// Internal: what lies at a path that a user names: one database, or a stub file with several.
struct Collection {
  Xapian::Database database;             ///< all of it
  std::vector<std::string> directories;  ///< of its databases in their order, where all are local; else empty
  std::vector<std::string> identities;   ///< of the directories before the databases were opened
  std::string home;                      ///< the directory where the dictionary is looked for first
};

/// Opens a database directory, or a stub file (Xapian's format: a line "auto DIR", "glass DIR" or "remote HOST:PORT"
/// for each database; also as XAPIANDB in a directory), read anew each time.
/// @param allow_programs  run the programs that "remote :PROGRAM" in a stub file names
/// @throws NotFound where there is none, Damaged or DataError where it cannot be opened or would run a program that is
///         not allowed; Xapian::DatabaseModifiedError, Xapian::NetworkError
Collection open_collection(const std::string& path, bool allow_programs = false);

/// The directories of the databases at a path, without opening them; empty where one of them is none. @throws NotFound
/// where there is none; DataError where the file there is no stub
std::vector<std::string> directories_at(const std::string& path);

/// The index record of a database. @throws NotFound naming `path` where it has none; Damaged
IndexRecord require_record(const Xapian::Database& database, const std::string& path);

/// Metadata of several databases together are those of the first, so each one is to be asked.
/// @throws Conflict where one has another record than the first, as writers switch them one after another;
///         WrongDictionary where no switch explains it
void check_same_record(const Xapian::Database& database, const std::string& directory, const IndexRecord& first);

/// To be called when all that is wanted of the directories is open.
/// @throws Conflict where one of them is another one by now
void check_same_directories(const Collection& collection);

/// The directories of an index's databases, in their order, without opening them.
/// @throws as directories_at(); InvalidArgument where one of them is remote
VECTERM_INTERNAL_API std::vector<std::string> local_databases(const std::string& path);

}  // namespace vecterm
