// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/database_directory.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/file_descriptor.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

bool marks_database(const std::string& name) {
  static constexpr std::array<std::string_view, 3> kVersionFiles{"iamglass", "iamchert", "iamhoney"};
  return std::ranges::find(kVersionFiles, name) != kVersionFiles.end();
}

// Xapian writes the version file last.
bool is_unfinished_database(const std::string& name) {
  return name == "flintlock" || name == "v.tmp" || name.ends_with(".glass") ||
         name.starts_with(schema::kDictionaryFilePrefix);
}

void remove_temporaries(const std::string& path) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored))
    if (is_temporary_file(entry.path().filename().string())) fs::remove(entry.path(), ignored);
}

// Nobody has the lock, and it cannot be taken.
[[noreturn]] void fail_to_lock(const Xapian::DatabaseLockError& error) {
  const int cause = cause_of(error);
  if (cause == EROFS || is_disk_full(cause)) throw DiskError(error.get_msg());
  throw SystemError(error.get_msg());
}

}  // namespace

bool is_temporary_file(std::string_view name) {
  const std::string_view whole = without_temporary_ending(name);
  return whole.starts_with(schema::kDictionaryFilePrefix) &&
         (whole.ends_with(schema::kDictionaryFileSuffix) || whole.ends_with(schema::kSidecarFileSuffix));
}

DatabaseState database_state(const std::string& path) try {
  if (path.empty()) throw InvalidArgument("path of the database must not be empty");
  if (!fs::exists(path)) return DatabaseState::kNone;
  if (!fs::is_directory(path))
    throw DataError(fmt::format("{} is a file; a database directory is needed, no stub and no single file", path));
  DatabaseState state = DatabaseState::kNone;
  std::string stranger;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (marks_database(name)) return DatabaseState::kThere;
    if (!is_unfinished_database(name)) stranger = name;
    state = DatabaseState::kUnfinished;
  }
  if (!stranger.empty())
    throw DataError(fmt::format("{} is no Xapian database, and it has other files in it ({})", path, stranger));
  return state;
} catch (const fs::filesystem_error& error) {
  throw_reading_error(path + " cannot be read", error.code().value());
}

std::string directory_identity(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? fmt::format("{}:{}", found.st_dev, found.st_ino) : std::string();
}

void require_database(const std::string& path, const std::string& advice) {
  if (database_state(path) == DatabaseState::kThere) return;
  throw NotFound(fmt::format("no database at {}{}{}", path, advice.empty() ? "" : "; ", advice));
}

Xapian::WritableDatabase open_for_writing(const std::string& path) {
  // Xapian takes an unfinished database for a damaged one.
  const bool unfinished = database_state(path) == DatabaseState::kUnfinished;
  try {
    auto database = writing_to(path, [&] {
      return Xapian::WritableDatabase(path, unfinished ? Xapian::DB_CREATE_OR_OVERWRITE : Xapian::DB_CREATE_OR_OPEN);
    });
    remove_temporaries(path);
    return database;
  } catch (const Xapian::DatabaseLockError& error) {
    if (is_locked(error)) throw;
    fail_to_lock(error);
  } catch (const Xapian::DatabaseOpeningError&) {
    const fs::path directory(path);
    if (!fs::exists(directory / "iamglass") || fs::exists(directory / "termlist.glass")) throw;
    throw DataError(
        fmt::format("the database at {} has no term lists, which embeddings are computed from and documents are "
                    "replaced by; build it without Xapian's DB_NO_TERMLIST",
                    path));
  }
}

void check_free_space(const std::string& path, std::uint64_t wanted_bytes) {
  fs::path existing = fs::absolute(path);
  std::error_code error;
  while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
  const std::uint64_t free_bytes = fs::space(existing, error).available;
  if (error) throw DiskError(fmt::format("{}: the free disk space cannot be read: {}", path, error.message()));
  if (free_bytes < wanted_bytes)
    throw DiskError(
        fmt::format("{}: the disk has {} bytes free; min_free_bytes is {}", path, free_bytes, wanted_bytes));
}

void throw_disk_full(const std::string& path, const Xapian::Error& error) {
  const char* cause = error.get_error_string();
  throw DiskError(fmt::format("{}: writing failed: {}{}; what was committed before is intact", path, error.get_msg(),
                              cause == nullptr ? "" : fmt::format(" ({})", cause)));
}

std::string dictionary_path(const std::string& database_path, std::string_view fingerprint) {
  const std::string name =
      fmt::format("{}{}{}", schema::kDictionaryFilePrefix, fingerprint, schema::kDictionaryFileSuffix);
  return (std::filesystem::path(database_path) / name).string();
}

}  // namespace vecterm
