// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/collection.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "analyzers/base/file_descriptor.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "index/store/database_directory.h"
#include "index/store/disk_errors.h"
#include "index/store/stub_file.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> identities_of(const std::vector<std::string>& directories) {
  std::vector<std::string> identities;
  for (const std::string& directory : directories) identities.push_back(directory_identity(directory));
  return identities;
}

// A stub's directories, or nothing where a database of it is not a local directory.
std::vector<std::string> directories_of(const std::vector<StubDatabase>& databases) {
  std::vector<std::string> directories;
  for (const StubDatabase& database : databases) {
    std::error_code ignored;
    if (database.kind != StubDatabase::Kind::kDirectory || !fs::is_directory(database.name, ignored)) return {};
    directories.push_back(database.name);
  }
  return directories;
}

void check_programs(const std::vector<StubDatabase>& databases, const fs::path& stub, bool allow_programs) {
  if (allow_programs) return;
  for (const StubDatabase& database : databases)
    if (database.kind == StubDatabase::Kind::kProgram)
      throw DataError(
          fmt::format("the stub file {} would run the program {}, which is not allowed: where you trust it, allow "
                      "programs (--allow-programs)",
                      stub.string(), in_quotes(database.name)));
}

Collection open_stub(const fs::path& stub, bool allow_programs) {
  const std::vector<StubDatabase> databases = databases_of(stub);
  check_programs(databases, stub, allow_programs);
  if (databases.empty())
    throw NotFound(
        fmt::format("the stub file {} names no database; it needs a line such as \"auto DIR\"", stub.string()));
  std::vector<std::string> directories = directories_of(databases);
  const std::string home = directories.empty() ? stub.parent_path().string() : directories.front();
  std::vector<std::string> identities = identities_of(directories);
  Xapian::Database all;
  for (const StubDatabase& database : databases) all.add_database(database.open());
  return {all, std::move(directories), std::move(identities), home.empty() ? "." : home};
}

[[noreturn]] void fail_to_open(const std::string& path, const Xapian::DatabaseError& error) {
  const std::string message = fmt::format("{}: the database cannot be opened: {}", path, error.get_msg());
  if (is_refusal(error)) throw SystemError(fmt::format("{}: {}", message, reason_of(cause_of(error))));
  const std::string_view type = error.get_type();
  if (type == "DatabaseNotFoundError") throw NotFound(message);
  if (type == "DatabaseCorruptError" || type == "DatabaseVersionError") throw Damaged(message);
  throw DataError(message);
}

}  // namespace

Collection open_collection(const std::string& path, bool allow_programs) try {
  if (const auto stub = stub_at(path)) return open_stub(*stub, allow_programs);
  if (is_single_file_database(path)) {
    const fs::path home = fs::path(path).parent_path();
    return {StubDatabase{StubDatabase::Kind::kFile, path, {}, 0}.open(), {}, {}, home.empty() ? "." : home.string()};
  }
  require_database(path, "make one with vecterm index");
  std::vector<std::string> identities = identities_of({path});
  return {open_directory(path), {path}, std::move(identities), path};
} catch (const Xapian::DatabaseModifiedError&) {
  throw;
} catch (const Xapian::DatabaseError& error) {
  fail_to_open(path, error);
}

std::vector<std::string> directories_at(const std::string& path) {
  if (const auto stub = stub_at(path)) return directories_of(databases_of(*stub));
  if (is_single_file_database(path)) return {};
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
  std::vector<std::string> directories = directories_at(path);
  if (!directories.empty()) return directories;
  open_collection(path);  // says more of what is no stub file
  throw InvalidArgument(fmt::format("this needs local databases; {} has remote ones", path));
}

}  // namespace vecterm
