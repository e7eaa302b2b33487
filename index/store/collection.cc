// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "analyzers/base/file_descriptor.h"
#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "index/store/database_directory.h"
#include "index/store/disk_errors.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStubInDirectory = "XAPIANDB";

std::optional<fs::path> stub_at(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return path;
  if (fs::is_regular_file(path / kStubInDirectory, ignored)) return path / kStubInDirectory;
  return std::nullopt;
}

// A stub's directories, or nothing where a database of it is not a local directory.
std::vector<std::string> directories_of(const fs::path& stub) {
  LineReader lines(stub.string());
  std::vector<std::string> directories;
  for (std::string_view line; lines.next(line);) {
    const std::size_t space = line.find(' ');
    if (line.empty() || line.front() == '#') continue;
    const std::string_view type = line.substr(0, space);
    if (space == std::string_view::npos || (type != "auto" && type != "glass")) return {};
    const fs::path directory = stub.parent_path() / std::string(line.substr(space + 1));
    std::error_code ignored;
    if (!fs::is_directory(directory, ignored) || stub_at(directory)) return {};
    directories.push_back(directory.string());
  }
  return directories;
}

// Whether a file that Xapian could not open was meant as a stub: each of its lines names a database.
bool is_stub_file(const std::string& path) {
  constexpr std::array<std::string_view, 6> kTypes{"auto", "glass", "chert", "flint", "inmemory", "remote"};
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || line.front() == '#') continue;
    return std::ranges::find(kTypes, line.substr(0, line.find(' '))) != kTypes.end();
  }
  return true;
}

[[noreturn]] void fail_to_open(const std::string& path, const Xapian::DatabaseError& error) {
  const std::string message = fmt::format("{}: the database cannot be opened: {}", path, error.get_msg());
  if (is_refusal(error)) throw SystemError(fmt::format("{}: {}", message, reason_of(cause_of(error))));
  const std::string_view type = error.get_type();
  if (type == "DatabaseNotFoundError") throw NotFound(message);
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError") throw Damaged(message);
  throw DataError(message);
}

std::vector<std::string> identities_of(const std::vector<std::string>& directories) {
  std::vector<std::string> identities;
  for (const std::string& directory : directories) identities.push_back(directory_identity(directory));
  return identities;
}

}  // namespace

Collection open_collection(const std::string& path) try {
  const auto stub = stub_at(path);
  if (!stub) {
    require_database(path, "make one with vecterm index");
    std::vector<std::string> identities = identities_of({path});
    return {Xapian::Database(path), {path}, std::move(identities), path};
  }
  const std::vector<std::string> directories = directories_of(*stub);
  const std::string home = directories.empty() ? stub->parent_path().string() : directories.front();
  std::vector<std::string> identities = identities_of(directories);
  const Xapian::Database database(stub->string());
  if (database.get_uuid().empty())
    throw NotFound(
        fmt::format("the stub file {} names no database; it needs a line such as \"auto DIR\"", stub->string()));
  return {database, directories, std::move(identities), home.empty() ? "." : home};
} catch (const Xapian::DatabaseModifiedError&) {
  throw;
} catch (const Xapian::DatabaseError& error) {
  if (std::error_code ignored; fs::is_regular_file(path, ignored) && !is_stub_file(path))
    throw DataError(fmt::format("{} is a file, neither a database directory nor a stub file of databases", path));
  fail_to_open(path, error);
}

std::vector<std::string> directories_at(const std::string& path) {
  if (const auto stub = stub_at(path)) return directories_of(*stub);
  require_database(path);
  return {path};
}

IndexRecord require_record(const Xapian::Database& database, const std::string& path) {
  auto record = IndexRecord::read(database);
  if (!record) throw NotFound(fmt::format("the database at {} has no embeddings; add them with vecterm embed", path));
  return std::move(*record);
}

void check_same_record(const Xapian::Database& database, const std::string& directory, const IndexRecord& first) {
  const auto record = IndexRecord::read(database);
  if (record && *record == first) return;
  const std::string message = fmt::format(
      "{}: all databases of a collection must have the same embeddings; this one has {}, the "
      "first one dictionary {}; finish what was begun with vecterm reindex or vecterm generations",
      directory, record ? "dictionary " + record->dictionary : "none", first.dictionary);
  // Writers never change settings.
  if (!record || record->settings != first.settings) throw WrongDictionary(message);
  throw Conflict(message);
}

void check_same_directories(const Collection& collection) {
  if (identities_of(collection.directories) != collection.identities)
    throw Conflict(fmt::format("{}: another database was put in its place while it was opened", collection.home));
}

std::vector<std::string> local_databases(const std::string& path) {
  std::vector<std::string> directories = open_collection(path).directories;
  if (directories.empty()) throw InvalidArgument(fmt::format("this needs local databases; {} has remote ones", path));
  return directories;
}

}  // namespace vecterm
