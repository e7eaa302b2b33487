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

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "index/following/document_edits.h"
#include "index/following/edit_batches.h"
#include "index/following/record_check.h"
#include "index/store/database_directory.h"
#include "index/store/disk_errors.h"
#include "index/store/document_data.h"
#include "index/store/index_files.h"
#include "index/store/overtaken.h"
#include "index/store/vector_table.h"
#include "plugin/ranking_profile.h"
#include "plugin/schema.h"
#include "plugin/search_request.h"

namespace vecterm {
namespace {

using Docids = std::vector<Xapian::docid>;

constexpr std::size_t kExamples = 5;

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

/// Those that no update under way has still to come to.
Docids without_pending(const Docids& docids, const Xapian::Database& database, const EmbeddingState& state,
                       const DocumentEmbedder& embedder) {
  const auto& update = state.update;
  const IndexRecord& record = embedder.record();
  if (!update || update->generation != record.generation) return docids;
  return without(docids, documents_to_update(database, *update, record, embedder.embedder().dictionary()));
}

/// Whether a document that lacks nothing but this change is damaged. Without the marker, a program that does not embed
/// has written it meanwhile.
bool is_damage(const EmbeddingChange& change, const IndexRecord& record) {
  return !change.empty() && !std::ranges::binary_search(change.added, record.marker());
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
      : path_(path), options_(options), progress_(progress), reading_(path) {
    result_.path = path;
  }

  DatabaseCheck run() {
    if (!is_sound() || !read_metadata() || !has_right_record()) return std::move(result_);
    for (const IndexRecord* record : state().records()) check_generation(*record);
    check_orphans();
    note_unfinished();
    check_sidecar();
    check_files();
    state_of(open_directory(path_));
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

  enum class Repair { kNo, kYes, kByForce };

  std::string failure_of_tables();
  bool is_sound();
  void set_repair(Finding& finding, Repair repair) const;
  bool read_metadata();
  template <class Read>
  bool is_readable(std::string_view key, Repair repair, const std::string& advice, const Read& read);
  bool has_right_record();
  std::shared_ptr<const Dictionary> dictionary_of(const IndexRecord& record);
  void check_generation(const IndexRecord& record);
  EmbeddingState state_of(const Xapian::Database& now) const;
  Docids wrong_documents(const DocumentEmbedder& embedder, const Docids& marked);
  Docids still_wrong(const DocumentEmbedder& embedder, const Docids& docids) const;
  void check_orphans();
  void add_orphans(const char* kind, const Docids& docids, Repair repair, std::string text);
  void note_unfinished();
  void check_sidecar();
  void check_files();

  const std::string& path_;
  const CheckOptions& options_;
  const ProgressFunction& progress_;
  const Overtaken reading_;
  Xapian::Database database_;
  bool records_in_doubt_ = false;  ///< one does not fit its dictionary
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
    database_ = open_directory(path_);
    failure = failure_of_tables();
  } catch (const Xapian::DatabaseModifiedError&) {
    throw;
  } catch (const Xapian::Error& error) {
    // What the system refuses to read may be sound.
    if (cause_of(error) != 0) throw;
    failure = error.get_msg();
  }
  if (failure.empty()) return true;
  // Xapian's check follows no writer.
  if (reading_.was_written()) throw Xapian::DatabaseModifiedError("written while it was checked");
  add({.kind = "xapian-damage",
       .text = fmt::format("Xapian's own check fails: {}; vecterm cannot mend what Xapian stores: take a copy of the "
                           "database that is whole, or save what can be read of this one by Xapian's copydatabase, "
                           "or index anew",
                           failure),
       .damage = true});
  return false;
}

template <class Read>
bool DatabaseChecker::is_readable(std::string_view key, Repair repair, const std::string& advice,
                                  const Read& read) try {
  read();
  return true;
} catch (const SystemError&) {
  throw;
} catch (const Error& error) {
  Finding finding{.kind = "damaged-metadata", .text = fmt::format("{}: {}; {}", key, error.what(), advice)};
  set_repair(finding, repair);
  if (finding.repairable) result_.damaged_entries.push_back(key);
  add(std::move(finding));
  return false;
}

void DatabaseChecker::set_repair(Finding& finding, Repair repair) const {
  finding.damage = true;
  finding.needs_force = repair == Repair::kByForce;
  finding.repairable = repair == Repair::kYes || (finding.needs_force && options_.force);
  if (finding.needs_force && !options_.force) finding.text += "; repairing does so by force only (--force)";
}

// While an update is under way, documents follow one dictionary after the other.
bool DatabaseChecker::has_right_record() {
  if (state().update) return true;
  auto corrected = record_of_documents(database_, path_, state().serving, state().generations.other);
  if (!corrected) return true;
  const IndexRecord& now = state().serving;
  Finding finding{.kind = "wrong-record",
                  .text = fmt::format(
                      "{} says dictionary {}, hash space {}, generation {}, prefix {}, slot {}, but most documents are "
                      "embedded by {}, {}, {}, {}, {}; documents are left alone, and repairing corrects the record",
                      schema::kIndexKey, in_quotes(now.dictionary), in_quotes(now.hash_space), now.generation,
                      now.settings.token_prefix, now.settings.slot, corrected->dictionary, corrected->hash_space,
                      corrected->generation, corrected->settings.token_prefix, corrected->settings.slot)};
  set_repair(finding, Repair::kByForce);
  if (finding.repairable) result_.corrected = std::move(corrected);
  add(std::move(finding));
  result_.state.reset();
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
  is_readable(schema::kProfilesKey, Repair::kByForce, "repairing removes all profiles",
              [&] { check_profiles(database_); });
  is_readable(schema::kTuningKey, Repair::kYes, "repairing removes it; vecterm tune measures anew", [&] {
    const std::string text = database_.get_metadata(std::string(schema::kTuningKey));
    if (!text.empty()) tuning = Tuning::from_json(text);
  });
  const bool index = is_readable(schema::kIndexKey, Repair::kNo, "take a copy of the database, or index anew",
                                 [&] { IndexRecord::read(database_); });
  const bool generations =
      is_readable(schema::kGenerationsKey, Repair::kByForce, "repairing gives up all but the serving one",
                  [&] { Generations::read(database_); });
  if (!index || !generations) return false;
  if (!is_readable(schema::kUpdateKey, Repair::kYes, "repairing computes all documents again",
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
    records_in_doubt_ = true;
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

/// The state of a later revision. @throws DatabaseModifiedError  where its generations are not those of the check
EmbeddingState DatabaseChecker::state_of(const Xapian::Database& now) const {
  EmbeddingState later = EmbeddingState::read(now, path_);
  if (later.serving != state().serving || later.generations.other != state().generations.other)
    throw Xapian::DatabaseModifiedError("another program changed the index's generations meanwhile");
  return later;
}

Docids DatabaseChecker::wrong_documents(const DocumentEmbedder& embedder, const Docids& marked) {
  const Docids judged = spread(without_pending(marked, database_, state(), embedder), options_.sample);
  Docids wrong;
  preview_changes(path_, judged, embedder, options_.edit.write.threads, "checking", progress_,
                  [&](Xapian::docid docid, const EmbeddingChange& change) {
                    ++result_.documents;
                    if (is_damage(change, embedder.record())) wrong.push_back(docid);
                  });
  return reading_.was_written() ? still_wrong(embedder, wrong) : wrong;
}

/// Documents are read as they were last committed, and others may have replaced the dictionary and put it back since
/// the check began. What one revision has, with its record, is right or wrong whatever they do.
Docids DatabaseChecker::still_wrong(const DocumentEmbedder& embedder, const Docids& docids) const {
  const Xapian::Database now = open_directory(path_);
  Docids wrong = without_pending(docids, now, state_of(now), embedder);
  std::erase_if(wrong, [&](Xapian::docid docid) {
    try {
      return !is_damage(embedder.change(now.get_document(docid)), embedder.record());
    } catch (const Xapian::DocNotFoundError&) {
      return true;
    }
  });
  return wrong;
}

void DatabaseChecker::check_orphans() {
  const IndexRecord& serving = state().serving;
  const Docids tokens = documents_with_tokens(database_, serving.settings.token_prefix,
                                              [&](const std::string& term) { return state().is_orphan(term); });
  Docids vectors;
  if (!state().generations.other) vectors = documents_with_value(database_, serving.other_slot());
  // What is of no generation by a record in doubt, or in most documents, may be all that there is.
  const bool in_doubt = records_in_doubt_ || 2 * std::max(tokens.size(), vectors.size()) > database_.get_doccount();
  const Repair repair = in_doubt ? Repair::kByForce : Repair::kYes;
  add_orphans("orphan-tokens", tokens, repair, "tokens or markers of a hash space that the index does not have");
  add_orphans("orphan-vectors", vectors, repair,
              fmt::format("values in slot {}, of a generation that the index does not have", serving.other_slot()));
  if (!in_doubt || options_.force) result_.orphans = both(tokens, vectors);
}

void DatabaseChecker::add_orphans(const char* kind, const Docids& docids, Repair repair, std::string text) {
  if (repair == Repair::kByForce) text += "; that may be the record's fault, and repairing removes them";
  Finding finding{.kind = kind, .text = std::move(text)};
  set_repair(finding, repair);
  add_documents(std::move(finding), docids);
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
  return following_writers(path, [&] { return DatabaseChecker(path, options, progress).run(); });
}

}  // namespace vecterm
