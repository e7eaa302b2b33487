// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/index_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <string_view>

#include "analyzers/base/atomic_file.h"
#include "analyzers/base/mapped_bytes.h"
#include "analyzers/errors.h"
#include "index/store/database_directory.h"
#include "index/store/disk_errors.h"
#include "index/store/generation_record.h"
#include "index/store/vector_table.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kAbandoned{10};
constexpr std::size_t kMostBeside = 16;

/// @throws SystemError where it cannot be read
bool has_content(const std::string& path, std::string_view content) try {
  std::error_code error;
  if (fs::file_size(path, error) != content.size() || error) return false;
  return MappedBytes::of_file(path).view() == content;
} catch (const DataError&) {  // it is not there, or no file
  return false;
}

std::shared_ptr<const Dictionary> open_dictionary(const std::string& file, const std::string& fingerprint) {
  auto dictionary = Dictionary::open(file);
  if (dictionary->fingerprint() == fingerprint) return dictionary;
  throw WrongDictionary(fmt::format("{} holds another dictionary, {}", file, dictionary->fingerprint()));
}

/// Null where none has it. @param damage  is set to the first failure to open one
std::shared_ptr<const Dictionary> find_in(const std::vector<std::string>& directories, const std::string& fingerprint,
                                          std::exception_ptr& damage) {
  for (const std::string& directory : directories) {
    const std::string file = dictionary_path(directory, fingerprint);
    std::error_code ignored;
    if (!fs::exists(file, ignored)) continue;
    try {
      return open_dictionary(file, fingerprint);
    } catch (const DataError&) {
      if (!damage) damage = std::current_exception();
    }
  }
  return nullptr;
}

/// Where an index may have been copied from by a program that does not know vecterm's files.
std::vector<std::string> directories_beside(const std::string& path) {
  std::vector<std::string> directories;
  std::error_code ignored;
  const fs::path parent = fs::weakly_canonical(path, ignored).parent_path();
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored))
    if (entry.is_directory(ignored)) directories.push_back(entry.path().string());
  std::ranges::sort(directories);
  return directories;
}

/// What stands between a file's prefix and suffix in our naming; empty for other files.
std::string_view middle_of(std::string_view name, std::string_view suffix) {
  const std::string_view prefix = schema::kDictionaryFilePrefix;
  if (name.size() < prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  return name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
}

/// Whether it is a temporary file that nobody writes any more.
bool is_abandoned(const fs::directory_entry& entry) {
  std::error_code error;
  return is_temporary_file(entry.path().filename().string()) &&
         entry.last_write_time(error) < fs::file_time_type::clock::now() - kAbandoned && !error;
}

/// Names of dictionaries that none of `used` has, of sidecars of other hash spaces than `searched` have, and of
/// abandoned files; ascending.
std::vector<std::string> files_of_others(const std::string& path, const std::vector<IndexRecord>& used,
                                         const std::vector<IndexRecord>& searched) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string_view fingerprint = middle_of(name, schema::kDictionaryFileSuffix);
    const std::string_view sidecar = middle_of(name, schema::kSidecarFileSuffix);
    const std::string_view space = sidecar.substr(0, sidecar.find('-'));
    const auto has_it = [&](const IndexRecord& record) { return record.dictionary == fingerprint; };
    const auto is_searched = [&](const IndexRecord& record) { return record.hash_space == space; };
    const bool is_unused = !fingerprint.empty() ? std::ranges::none_of(used, has_it)
                           : !space.empty()     ? std::ranges::none_of(searched, is_searched)
                                                : is_abandoned(entry);
    if (is_unused) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

bool is_installed(const std::string& path, const Dictionary& dictionary) {
  return has_content(dictionary_path(path, dictionary.fingerprint()), dictionary.bytes());
}

void install_dictionary(const std::string& path, const Dictionary& dictionary) {
  if (is_installed(path, dictionary)) return;
  write_file_atomically(dictionary_path(path, dictionary.fingerprint()), dictionary.bytes());
}

std::shared_ptr<const Dictionary> find_dictionary(const std::string& path, const std::string& fingerprint,
                                                  const std::vector<std::string>& directories) {
  std::vector<std::string> places{path};
  places.insert(places.end(), directories.begin(), directories.end());
  std::exception_ptr damage;
  if (auto found = find_in(places, fingerprint, damage)) return found;
  if (auto found = find_in(directories_beside(path), fingerprint, damage)) return found;
  if (damage) std::rethrow_exception(damage);
  throw NotFound(fmt::format(
      "the dictionary {} of the index at {} is missing: it is in none of {}, nor in a directory beside the "
      "index. Programs that copy Xapian's files alone, such as xapian-compact, leave it behind: copy {} from "
      "the old place, or name its directory in the options (of the command, in VECTERM_DICTIONARIES). "
      "Searches by words alone need none (--mode words)",
      fingerprint, path, fmt::join(places, ", "), fs::path(dictionary_path("", fingerprint)).string()));
}

std::vector<std::shared_ptr<const Dictionary>> dictionaries_beside(const std::string& path) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored))
    if (!middle_of(entry.path().filename().string(), schema::kDictionaryFileSuffix).empty())
      files.push_back(entry.path().string());
  std::ranges::sort(files);
  files.resize(std::min(files.size(), kMostBeside));
  std::vector<std::shared_ptr<const Dictionary>> dictionaries;
  for (const std::string& file : files) {
    try {
      dictionaries.push_back(Dictionary::open(file));
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch): one that cannot be read is none
    }
  }
  return dictionaries;
}

bool publish_vectors(const std::string& path, const DocumentEmbedder& embedder, std::uint64_t min_free_bytes) try {
  // A reader of what was committed: its revision is the sidecar's, whatever is written meanwhile.
  const Xapian::Database committed = open_directory(path);
  const auto table = VectorTable::read(committed, embedder);
  check_free_space(path, table->bytes() + min_free_bytes);
  table->publish(path, embedder.record().hash_space);
  return true;
} catch (const DiskError&) {
  return false;
} catch (const SystemError&) {
  return false;
} catch (const Xapian::DatabaseError& error) {
  if (cause_of(error) == 0) throw;
  return false;
}

std::vector<std::string> unused_files(const std::string& path, const Xapian::Database& database) {
  std::vector<IndexRecord> used;
  if (auto record = IndexRecord::read(database)) used.push_back(std::move(*record));
  if (auto other = Generations::read(database).other) used.push_back(std::move(*other));
  return files_of_others(path, used, used);
}

void remove_unused_files(const std::string& path, const Xapian::Database& database) {
  std::vector<IndexRecord> used;
  if (auto record = IndexRecord::read(database)) used.push_back(std::move(*record));
  const std::vector<IndexRecord> serving = used;
  if (auto other = Generations::read(database).other) used.push_back(std::move(*other));
  std::error_code ignored;
  for (const std::string& name : files_of_others(path, used, serving)) fs::remove(fs::path(path) / name, ignored);
}

}  // namespace vecterm
