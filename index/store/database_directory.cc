// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/database_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/file_descriptor.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLockPause{10};
constexpr const char* kGlassVersion = "iamglass";
constexpr std::array<const char*, 3> kVersionFiles{kGlassVersion, "iamchert", "iamhoney"};

bool is_table(const std::string& name) { return name.ends_with(".glass"); }

// Xapian makes empty tables, then the version file, and writes data only after that.
bool is_of_unfinished_database(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return name == "flintlock" || name == "v.tmp" || is_temporary_file(name) ||
         (is_table(name) && entry.file_size() == 0);
}

[[noreturn]] void refuse_strangers(const std::string& path, const std::string& stranger) {
  if (is_table(stranger))
    throw DataError(
        fmt::format("{} has tables of a Xapian database ({}) without its version file, iamglass: where the database is "
                    "being copied, wait for the end; otherwise move the files away",
                    path, stranger));
  throw DataError(fmt::format("{} is no Xapian database, and it has other files in it ({})", path, stranger));
}

int backend_flag(const std::string& path) {
  const bool is_other = has_version_file(path) && !fs::exists(fs::path(path) / kGlassVersion);
  return is_other ? 0 : Xapian::DB_BACKEND_GLASS;
}

// Removes the empty tables that a killed process left, which Xapian takes for a damaged database, while no other
// process can be making one of them.
void remove_unfinished(const std::string& path) {
  const std::string file = (fs::path(path) / "flintlock").string();
  const FileDescriptor lock = open_file(file, O_RDWR | O_CREAT, 0666);
  if (!lock) throw Xapian::DatabaseLockError(fmt::format("{} cannot be opened: {}", file, std::strerror(errno)));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  whole.l_len = 1;
  if (::fcntl(lock.number(), F_OFD_SETLK, &whole) != 0)
    throw Xapian::DatabaseLockError("Unable to get write lock on " + path + ": already locked");
  if (database_state(path) != DatabaseState::kUnfinished) return;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path))
    if (is_table(entry.path().filename().string())) fs::remove(entry.path(), ignored);
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

Xapian::WritableDatabase open_for_writing(const std::string& path) {
  try {
    if (database_state(path) == DatabaseState::kUnfinished) remove_unfinished(path);
    auto database = writing_to(
        path, [&] { return Xapian::WritableDatabase(path, Xapian::DB_CREATE_OR_OPEN | backend_flag(path)); });
    remove_temporaries(path);
    return database;
  } catch (const Xapian::DatabaseLockError& error) {
    if (is_locked(error)) throw;
    fail_to_lock(error);
  } catch (const Xapian::DatabaseOpeningError&) {
    const fs::path directory(path);
    if (!fs::exists(directory / kGlassVersion) || fs::exists(directory / "termlist.glass")) throw;
    throw DataError(
        fmt::format("the database at {} has no term lists, which embeddings are computed from and documents are "
                    "replaced by; build it without Xapian's DB_NO_TERMLIST",
                    path));
  }
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
  if (has_version_file(path)) return DatabaseState::kThere;
  DatabaseState state = DatabaseState::kNone;
  std::string stranger;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    // Of several, a table says best what it is.
    if (!is_of_unfinished_database(entry) && !is_table(stranger)) stranger = entry.path().filename().string();
    state = DatabaseState::kUnfinished;
  }
  if (!stranger.empty()) refuse_strangers(path, stranger);
  return state;
} catch (const fs::filesystem_error& error) {
  throw_reading_error(path + " cannot be read", error.code().value());
}

bool has_version_file(const std::string& path) {
  std::error_code ignored;
  return std::ranges::any_of(kVersionFiles,
                             [&](const char* name) { return fs::exists(fs::path(path) / name, ignored); });
}

Xapian::Database open_directory(const std::string& path) {
  require_database(path);
  return Xapian::Database(path, backend_flag(path));
}

std::string directory_identity(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? fmt::format("{}:{}", found.st_dev, found.st_ino) : std::string();
}

void require_database(const std::string& path, const std::string& advice) {
  if (database_state(path) == DatabaseState::kThere) return;
  throw NotFound(fmt::format("no database at {}{}{}", path, advice.empty() ? "" : "; ", advice));
}

// Xapian's own way of waiting has no end.
Xapian::WritableDatabase open_for_writing(const std::string& path, double lock_seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(lock_seconds);
  while (true) {
    try {
      return open_for_writing(path);
    } catch (const Xapian::DatabaseLockError&) {
      if (std::chrono::steady_clock::now() >= end) throw;
    }
    std::this_thread::sleep_for(kLockPause);
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
