// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/check_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

#include "analyzers/errors.h"
#include "index/following/document_edits.h"
#include "index/following/edit_batches.h"
#include "index/store/database_directory.h"
#include "index/store/disk_errors.h"
#include "index/store/document_data.h"
#include "index/store/index_files.h"
#include "index/store/vector_table.h"
#include "plugin/ranking_profile.h"
#include "plugin/schema.h"
#include "plugin/search_request.h"

namespace vecterm {
namespace {

using Docids = std::vector<Xapian::docid>;

constexpr std::size_t kExamples = 5;
constexpr int kMaxTries = 5;

/// All are ascending.
Docids both(const Docids& a, const Docids& b) {
  Docids docids;
  std::ranges::set_union(a, b, std::back_inserter(docids));
  return docids;
}

Docids without(const Docids& docids, const Docids& others) {
  Docids rest;
  std::ranges::set_difference(docids, others, std::back_inserter(rest));
  return rest;
}

Docids spread(Docids docids, std::size_t count) {
  if (count == 0 || docids.size() <= count) return docids;
  for (std::size_t i = 0; i < count; ++i) docids[i] = docids[i * docids.size() / count];
  docids.resize(count);
  return docids;
}

template <class IsWanted>
Docids documents_with_tokens(const Xapian::Database& database, const std::string& start, const IsWanted& is_wanted) {
  std::vector<std::string> tokens;
  for (auto term = database.allterms_begin(start); term != database.allterms_end(start); ++term)
    if (is_wanted(*term)) tokens.push_back(*term);
  return documents_with(database, tokens);
}

Docids documents_with_value(const Xapian::Database& database, Xapian::valueno slot) {
  Docids docids;
  for (auto value = database.valuestream_begin(slot); value != database.valuestream_end(slot); ++value)
    docids.push_back(value.get_docid());
  return docids;
}

/// Xapian's own check; empty where the database is sound. @throws Xapian::Error where the system refuses
std::string xapian_failure(const std::string& path) try {
  std::ostringstream report;
  const std::size_t errors = Xapian::Database::check(path, 0, &report);
  if (errors == 0) return {};
  // A table that could not be opened counts as an error.
  const Xapian::DatabaseOpeningError told(report.str());
  if (const int cause = cause_of(told); cause != 0)
    throw Xapian::DatabaseOpeningError("a table of " + path + " cannot be checked", cause);
  return fmt::format("it counts {} errors", errors);
} catch (const Xapian::Error& error) {
  if (cause_of(error) != 0) throw;
  return error.get_msg();
}

/// Whether Xapian's own check would take more than a gigabyte for docids that no document has: it keeps four bytes for
/// each up to the largest.
bool has_sparse_docids(const Xapian::Database& database) {
  constexpr Xapian::docid kMost = 1U << 28U;
  constexpr Xapian::docid kSparse = 64;
  return database.get_lastdocid() > kMost && database.get_lastdocid() / kSparse > database.get_doccount();
}

void check_profiles(const Xapian::Database& database) {
  for (const auto& [name, profile] : read_profiles(database)) Ranking checked(profile);
}

class DatabaseChecker {
 public:
  DatabaseChecker(const std::string& path, const CheckOptions& options, const ProgressFunction& progress)
      : path_(path), options_(options), progress_(progress) {
    result_.path = path;
  }

  DatabaseCheck run() {
    if (!is_sound() || !read_metadata()) return std::move(result_);
    for (const IndexRecord* record : state().records()) check_generation(*record);
    check_orphans();
    note_unfinished();
    check_sidecar();
    check_files();
    const EmbeddingState now = EmbeddingState::read(Xapian::Database(path_), path_);
    if (now.serving != state().serving || now.generations.other != state().generations.other)
      throw Xapian::DatabaseModifiedError("another program changed the index's generations meanwhile");
    return std::move(result_);
  }

 private:
  const EmbeddingState& state() const { return *result_.state; }

  void add(Finding finding) {
    finding.database = path_;
    result_.findings.push_back(std::move(finding));
  }

  /// Documents are damaged and can be repaired.
  void add_damaged(const char* kind, const Docids& docids, std::string text) {
    add_documents({.kind = kind, .text = std::move(text), .damage = true, .repairable = true}, docids);
  }

  void add_documents(Finding finding, const Docids& docids) {
    if (docids.empty()) return;
    finding.documents = docids.size();
    for (std::size_t i = 0; i < std::min(kExamples, docids.size()); ++i)
      finding.examples.push_back(document_id(database_.get_document(docids[i]), docids[i]));
    add(std::move(finding));
  }

  std::string failure_of_tables();
  bool is_sound();
  bool read_metadata();
  template <class Read>
  bool is_readable(std::string_view key, bool repairable, const std::string& advice, const Read& read);
  std::shared_ptr<const Dictionary> dictionary_of(const IndexRecord& record);
  void check_generation(const IndexRecord& record);
  Docids wrong_documents(const DocumentEmbedder& embedder, const Docids& marked);
  void check_orphans();
  void note_unfinished();
  void check_sidecar();
  void check_files();

  const std::string& path_;
  const CheckOptions& options_;
  const ProgressFunction& progress_;
  Xapian::Database database_;
  DatabaseCheck result_;
};

/// What Xapian's own check says; empty also where it had to be left out.
std::string DatabaseChecker::failure_of_tables() try {
  if (has_sparse_docids(database_)) {
    add({.kind = "sparse-docids",
         .text = fmt::format("Xapian's own check was left out, as it takes memory for each docid up to the largest, "
                             "{}; xapian-compact --no-renumber keeps them, xapian-compact numbers them anew",
                             database_.get_lastdocid())});
    return {};
  }
  return xapian_failure(path_);
} catch (const Xapian::Error& error) {
  const int cause = cause_of(error);
  if (cause != EROFS && cause != EACCES && cause != EPERM) throw;
  add({.kind = "unchecked-tables",
       .text = fmt::format("Xapian's own check was left out, as it opens tables for writing: {} ({})", error.get_msg(),
                           std::strerror(cause))});
  return {};
}

bool DatabaseChecker::is_sound() {
  std::string failure;
  try {
    database_ = Xapian::Database(path_);
    failure = failure_of_tables();
    // It follows no writer.
    if (!failure.empty() && database_.reopen()) throw Xapian::DatabaseModifiedError("written while it was checked");
  } catch (const Xapian::DatabaseModifiedError&) {
    throw;
  } catch (const Xapian::Error& error) {
    // What the system refuses to read may be sound.
    if (cause_of(error) != 0) throw;
    failure = error.get_msg();
  }
  if (failure.empty()) return true;
  add({.kind = "xapian-damage",
       .text = fmt::format("Xapian's own check fails: {}; vecterm cannot mend what Xapian stores: take a copy of the "
                           "database that is whole, or save what can be read of this one by Xapian's copydatabase, "
                           "or index anew",
                           failure),
       .damage = true});
  return false;
}

template <class Read>
bool DatabaseChecker::is_readable(std::string_view key, bool repairable, const std::string& advice,
                                  const Read& read) try {
  read();
  return true;
} catch (const SystemError&) {
  throw;
} catch (const Error& error) {
  add({.kind = "damaged-metadata",
       .text = fmt::format("{}: {}; {}", key, error.what(), advice),
       .damage = true,
       .repairable = repairable});
  if (repairable) result_.damaged_entries.push_back(key);
  return false;
}

bool DatabaseChecker::read_metadata() {
  if (database_.get_metadata(std::string(schema::kIndexKey)).empty()) {
    add({.kind = "no-embeddings",
         .text = fmt::format("the database has no embeddings; `vecterm embed {}` adds them", path_),
         .damage = true});
    return false;
  }
  std::optional<Tuning> tuning;
  is_readable(schema::kProfilesKey, true, "repairing removes all profiles", [&] { check_profiles(database_); });
  is_readable(schema::kTuningKey, true, "repairing removes it; vecterm tune measures anew", [&] {
    const std::string text = database_.get_metadata(std::string(schema::kTuningKey));
    if (!text.empty()) tuning = Tuning::from_json(text);
  });
  const bool index = is_readable(schema::kIndexKey, false, "take a copy of the database, or index anew",
                                 [&] { IndexRecord::read(database_); });
  const bool generations = is_readable(schema::kGenerationsKey, true, "repairing gives up all but the serving one",
                                       [&] { Generations::read(database_); });
  if (!index || !generations) return false;
  if (!is_readable(schema::kUpdateKey, true, "repairing computes all documents again",
                   [&] { result_.state = EmbeddingState::read(database_, path_); }))
    return false;
  if (tuning && tuning->hash_space != state().serving.hash_space)
    add({.kind = "other-tuning",
         .text = fmt::format("the tuning is of hash space {}, and {} serves; `vecterm tune {}` measures anew",
                             tuning->hash_space, state().serving.hash_space, path_)});
  return true;
}

std::shared_ptr<const Dictionary> DatabaseChecker::dictionary_of(const IndexRecord& record) try {
  auto dictionary = find_dictionary(path_, record.dictionary, options_.edit.dictionaries);
  if (record.hash_space != dictionary->hash_space().id() || record.dimensions != dictionary->dimensions()) {
    add({.kind = "wrong-metadata",
         .text = fmt::format("generation {} has hash space {} and {} dimensions, its dictionary {} has {} and {}; take "
                             "a copy of the database, or index anew",
                             record.generation, record.hash_space, record.dimensions, record.dictionary,
                             dictionary->hash_space().id(), dictionary->dimensions()),
         .damage = true});
    return nullptr;
  }
  if (!is_installed(path_, *dictionary)) {
    const std::string file = dictionary_path(path_, record.dictionary);
    std::error_code ignored;
    const bool there = std::filesystem::exists(file, ignored);
    add({.kind = there ? "damaged-dictionary" : "distant-dictionary",
         .text = fmt::format("{} is {}; another place has it", file, there ? "damaged" : "missing"),
         .damage = there,
         .repairable = true});
  }
  result_.dictionaries[record.generation] = dictionary;
  return dictionary;
} catch (const DataError& error) {
  std::string text = fmt::format("generation {}: {}; it belongs at {}", record.generation, error.what(),
                                 dictionary_path(path_, record.dictionary));
  if (record != state().serving)
    text += fmt::format("; `vecterm generations {} retire {}` gives the generation up", path_, record.generation);
  add({.kind = "missing-dictionary", .text = std::move(text), .damage = true});
  return nullptr;
}

void DatabaseChecker::check_generation(const IndexRecord& record) {
  const Docids marked = documents_with(database_, {record.marker()});
  const Docids unmarked =
      without(both(documents_with_tokens(database_, record.token_start(), [](const auto&) { return true; }),
                   documents_with_value(database_, record.slot())),
              marked);
  add_damaged("unmarked-embedding", unmarked,
              fmt::format("tokens or vectors of generation {} without its marker", record.generation));
  const auto dictionary = dictionary_of(record);
  if (!dictionary) return;
  const Docids wrong = wrong_documents({dictionary, record}, marked);
  add_damaged("wrong-embedding", wrong,
              fmt::format("tokens or vectors of generation {} that are not those of the words", record.generation));
  result_.faulty[record.generation] = both(wrong, unmarked);
}

Docids DatabaseChecker::wrong_documents(const DocumentEmbedder& embedder, const Docids& marked) {
  const IndexRecord& record = embedder.record();
  Docids judged = marked;
  if (const auto& update = state().update; update && update->generation == record.generation)
    judged = without(marked, documents_to_update(database_, *update, record, embedder.embedder().dictionary()));
  judged = spread(std::move(judged), options_.sample);
  Docids wrong;
  preview_changes(path_, judged, embedder, options_.edit.write.threads, "checking", progress_,
                  [&](Xapian::docid docid, const EmbeddingChange& change) {
                    ++result_.documents;
                    // Without the marker, a program that does not embed has written the document meanwhile.
                    if (!change.empty() && !std::ranges::binary_search(change.added, record.marker()))
                      wrong.push_back(docid);
                  });
  return wrong;
}

void DatabaseChecker::check_orphans() {
  const IndexRecord& serving = state().serving;
  const Docids tokens = documents_with_tokens(database_, serving.settings.token_prefix,
                                              [&](const std::string& term) { return state().is_orphan(term); });
  add_damaged("orphan-tokens", tokens, "tokens or markers of a hash space that the index does not have");
  Docids vectors;
  if (!state().generations.other) vectors = documents_with_value(database_, serving.other_slot());
  add_damaged("orphan-vectors", vectors,
              fmt::format("values in slot {}, of a generation that the index does not have", serving.other_slot()));
  result_.orphans = both(tokens, vectors);
}

void DatabaseChecker::note_unfinished() {
  const std::string go_on = fmt::format("`vecterm reindex {}` goes on", path_);
  add_documents({.kind = "pending-documents",
                 .text = "not embedded yet, such as what other programs added; " + go_on,
                 .repairable = true},
                documents_without(database_, state().serving.marker()));
  if (const auto& other = state().generations.other; other && !state().generations.other_served)
    add_documents(
        {.kind = "unfinished-generation",
         .text = fmt::format("generation {}, which is being built, has not come to them; {}", other->generation, go_on),
         .repairable = true},
        documents_without(database_, other->marker()));
  if (const auto& update = state().update) {
    Finding finding{.kind = "unfinished-update",
                    .text = fmt::format("generation {} follows its dictionary, so far up to document {}; {}",
                                        update->generation, update->next - 1, go_on),
                    .repairable = true};
    const auto dictionary = result_.dictionaries.find(update->generation);
    if (dictionary != result_.dictionaries.end())  // a missing one is a finding of its own
      finding.documents =
          documents_to_update(database_, *update, *state().find(update->generation), *dictionary->second).size();
    add(std::move(finding));
  }
  if (!database_.get_metadata(std::string(schema::kCursorKey)).empty())
    add({.kind = "unfinished-indexing",
         .text = "an indexing run was interrupted; vecterm index with the same files goes on"});
}

void DatabaseChecker::check_sidecar() {
  const IndexRecord& serving = state().serving;
  const auto dictionary = result_.dictionaries.find(serving.generation);
  if (dictionary == result_.dictionaries.end()) return;
  switch (sidecar_state(path_, database_, {dictionary->second, serving})) {
    case SidecarState::kRight:
      return;
    case SidecarState::kNone:
      return add({.kind = "missing-sidecar", .text = "readers read the vectors from the slot", .repairable = true});
    case SidecarState::kStale:
      return add({.kind = "stale-sidecar",
                  .text = "it is of another revision; readers read the vectors from the slot",
                  .repairable = true});
    case SidecarState::kDamaged:
      return add({.kind = "damaged-sidecar",
                  .text = "it is damaged, or of another release; readers read the vectors from the slot",
                  .damage = true,
                  .repairable = true});
  }
}

void DatabaseChecker::check_files() {
  const std::vector<std::string> unused = unused_files(path_, database_);
  if (unused.empty()) return;
  add({.kind = "unused-files",
       .text = fmt::format("{} files that nothing needs: {}", unused.size(), fmt::join(unused, ", ")),
       .repairable = true});
}

}  // namespace

DatabaseCheck check_database(const std::string& path, const CheckOptions& options, const ProgressFunction& progress) {
  for (int tries = 1;; ++tries) {
    try {
      return DatabaseChecker(path, options, progress).run();
    } catch (const Xapian::DatabaseModifiedError&) {
      if (tries == kMaxTries) throw;
    }
  }
}

}  // namespace vecterm
