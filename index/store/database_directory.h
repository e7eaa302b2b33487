// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzers/version.h"
#include "index/store/disk_errors.h"

/// Internal: the directory that a database lives in, and the disk under it.
namespace vecterm {

enum class DatabaseState {
  kNone,        ///< nothing, or an empty directory
  kUnfinished,  ///< what a process that was killed while it made a database left behind: files without a byte of data
  kThere,
};

/// What lies at `path`.
/// @throws DataError where something else is there: a file (a stub, or a database in a single file), or a directory
///         with other files in it, such as tables with data but without a version file, as of a copy under way;
///         SystemError where it may not be read; InvalidArgument for an empty path
DatabaseState database_state(const std::string& path);

/// Whether a directory has the version file of a database.
bool has_version_file(const std::string& path);

/// Opens the database in a directory, and nothing else: to Xapian's own choice a path may be a stub file, too.
/// @throws NotFound where none is in it; Xapian::DatabaseError
VECTERM_INTERNAL_API Xapian::Database open_directory(const std::string& path);

/// Tells directories apart that stand at one path in turn. Empty where nothing is there.
std::string directory_identity(const std::string& path);

/// @throws DataError as database_state(); NotFound, "no database at <path>" with `advice`, where there is none
void require_database(const std::string& path, const std::string& advice = {});

/// Whether a file beside a database is a dictionary or sidecar that write_file_atomically() has not finished, or never
/// will, as its process was killed.
bool is_temporary_file(std::string_view name);

/// Opens a database, or makes one where there is none, and takes its write lock. Whoever writes dictionaries and
/// sidecars beside it does so under the lock: what else there is of unfinished ones is removed here.
/// @param lock_seconds  how long to wait while somebody else has the lock
/// @throws DataError as database_state() and for a database without term lists; DiskError; SystemError;
///         Xapian::DatabaseLockError where somebody else has the lock
Xapian::WritableDatabase open_for_writing(const std::string& path, double lock_seconds);

/// @throws DiskError where the file system of `path` has less than `wanted_bytes` free
void check_free_space(const std::string& path, std::uint64_t wanted_bytes);

/// @throws DiskError for `path`, with Xapian's message in it
[[noreturn]] void throw_disk_full(const std::string& path, const Xapian::Error& error);

/// Runs something that writes to the database at `path`; a full disk becomes a DiskError, all else passes through.
template <class Action>
decltype(auto) writing_to(const std::string& path, const Action& action) {
  try {
    return action();
  } catch (const Xapian::DatabaseError& error) {
    if (is_disk_full(error)) throw_disk_full(path, error);
    throw;
  }
}

/// The dictionary file of a database directory.
std::string dictionary_path(const std::string& database_path, std::string_view fingerprint);

}  // namespace vecterm
