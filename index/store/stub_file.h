// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Internal: Xapian's stub files, read by us and never by Xapian: a line of one may name a program, which opening it
/// would run.
namespace vecterm {

/// How deep stub files may name each other, and how many files and databases that may be in all.
inline constexpr std::size_t kMaxStubDepth = 8;
inline constexpr std::size_t kMaxStubDatabases = 1000;

/// A database that a stub file names.
struct StubDatabase {
  enum class Kind { kDirectory, kFile, kServer, kProgram, kInMemory };

  Kind kind = Kind::kDirectory;
  std::string name;       ///< the path of a directory, a single file or a program; or a host
  std::string arguments;  ///< of a program
  unsigned port = 0;      ///< of a host

  /// Opens it; runs a program. @throws Xapian::DatabaseError
  Xapian::Database open() const;
};

/// The stub file that a path stands for: the file itself, or XAPIANDB in a directory without a database. Nothing for
/// anything else.
std::optional<std::filesystem::path> stub_at(const std::filesystem::path& path);

/// Whether a file is a whole database of Xapian's in one file.
bool is_single_file_database(const std::filesystem::path& path);

/// The databases of a stub file, those of the stub files that it names in their places. Paths in it count from the
/// directory of the file that they stand in.
/// @throws DataError for a file that is no stub, a line that names no database, stub files that name each other without
///         end, and too many of them
std::vector<StubDatabase> databases_of(const std::filesystem::path& stub);

}  // namespace vecterm
