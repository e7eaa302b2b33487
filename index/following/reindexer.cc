// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/reindexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "analyzers/errors.h"
#include "analyzers/words/dictionary_difference.h"
#include "index/following/edit_batches.h"
#include "index/following/update_forecast.h"
#include "index/store/collection.h"
#include "index/store/database_directory.h"
#include "index/store/index_files.h"
#include "index/store/overtaken.h"
#include "index/store/vector_table.h"
#include "index/store/write_transaction.h"
#include "plugin/schema.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {
namespace {

/// Fails where somebody else has changed what `record` says since it was read.
std::function<void(const Xapian::Database&)> unchanged(const std::string& path, const IndexRecord& record) {
  return [path, record](const Xapian::Database& database) {
    const EmbeddingState now = EmbeddingState::read(database, path);
    if (const IndexRecord* found = now.find(record.generation); found != nullptr && *found == record) return;
    throw Conflict(
        fmt::format("{}: another program changed generation {} of the index meanwhile; look with vecterm "
                    "generations, and start again",
                    path, record.generation));
  };
}

void add(ReindexReport& report, const EditCounts& counts) {
  report.documents += counts.documents;
  report.vectors += counts.vectors;
  report.edited += counts.edited;
  report.tokens_removed += counts.tokens_removed;
  report.tokens_added += counts.tokens_added;
  report.bytes += counts.bytes;
}

}  // namespace

std::vector<Xapian::docid> documents_to_update(const Xapian::Database& database, const UpdateRecord& update,
                                               const IndexRecord& record, const Dictionary& dictionary) {
  std::vector<Xapian::docid> docids = documents_with(database, {record.marker()});
  if (!update.everywhere) {
    std::vector<Xapian::docid> changed;
    const auto touched = documents_touched(database, update.words, dictionary);
    std::ranges::set_intersection(docids, touched, std::back_inserter(changed));
    docids = std::move(changed);
  }
  docids.erase(docids.begin(), std::ranges::lower_bound(docids, update.next));
  return docids;
}

EmbeddingState EmbeddingState::read(const Xapian::Database& database, const std::string& path) {
  EmbeddingState state{require_record(database, path), Generations::read(database), UpdateRecord::read(database)};
  if (state.update && state.find(state.update->generation) == nullptr)
    throw Damaged(fmt::format("metadata {}: damaged: an update of generation {}, which the index at {} does not have",
                              schema::kUpdateKey, state.update->generation, path));
  return state;
}

std::vector<const IndexRecord*> EmbeddingState::records() const {
  std::vector<const IndexRecord*> records{&serving};
  if (generations.other) records.push_back(&*generations.other);
  return records;
}

const IndexRecord* EmbeddingState::find(unsigned generation) const {
  for (const IndexRecord* record : records())
    if (record->generation == generation) return record;
  return nullptr;
}

bool EmbeddingState::is_orphan(std::string_view term) const {
  const std::string_view space = hash_space_of(term, serving.settings.token_prefix);
  return !space.empty() && space != serving.hash_space &&
         !(generations.other && generations.other->hash_space == space);
}

void EmbeddingState::write(Xapian::WritableDatabase& database) const {
  serving.write(database);
  generations.write(database);
}

Reindexer::Reindexer(std::string path, const ReindexOptions& options, const ProgressFunction& progress)
    : path_(std::move(path)), options_(options), batches_(path_, options_, progress), progress_(progress) {}

EmbeddingState Reindexer::state() const {
  return reading_from(path_, [&](const Xapian::Database& database) { return EmbeddingState::read(database, path_); });
}

std::vector<Xapian::docid> Reindexer::documents_lacking(const IndexRecord& record) const {
  return reading_from(path_,
                      [&](const Xapian::Database& database) { return documents_without(database, record.marker()); });
}

std::shared_ptr<const Dictionary> Reindexer::dictionary_of(const IndexRecord& record) {
  const auto known = std::ranges::find(dictionaries_, record.dictionary, &Dictionary::fingerprint);
  if (known != dictionaries_.end()) return *known;
  dictionaries_.push_back(find_dictionary(path_, record.dictionary, options_.dictionaries));
  return dictionaries_.back();
}

void Reindexer::begin(const std::shared_ptr<const Dictionary>& dictionary) {
  check_tokenizer(*dictionary);
  dictionaries_.push_back(dictionary);
  const EmbeddingState before = state();
  if (is_taken_up(before, *dictionary)) return;
  // There is room for one update.
  if (before.update && before.find(before.update->generation)->hash_space != dictionary->hash_space().id())
    finish_update();

  WriteTransaction transaction(path_, options_.write.lock_seconds, options_.write.min_free_bytes);
  EmbeddingState now = EmbeddingState::read(transaction.database(), path_);
  take_up(now, *dictionary);
  install_dictionary(path_, *dictionary);
  now.write(transaction.database());
  if (report_.kind == ReindexReport::Kind::kUpdate) now.update->write(transaction.database());
  transaction.commit();
  wrote_ = true;
}

bool Reindexer::is_taken_up(const EmbeddingState& state, const Dictionary& dictionary) {
  for (const IndexRecord* record : state.records()) {
    if (record->dictionary != dictionary.fingerprint()) continue;
    report_.generation = record->generation;
    if (record != &state.serving) report_.kind = ReindexReport::Kind::kGeneration;
    return true;
  }
  return false;
}

/// Changes `state` to what it is once `dictionary` was taken up, and says in the report how.
void Reindexer::take_up(EmbeddingState& state, const Dictionary& dictionary) {
  if (is_taken_up(state, dictionary) || update_to(state, state.serving, dictionary)) return;
  if (auto& other = state.generations.other; other && update_to(state, *other, dictionary)) return;
  build_beside(state, dictionary);
}

/// Returns false where the record's hash space is another one.
bool Reindexer::update_to(EmbeddingState& state, IndexRecord& record, const Dictionary& dictionary) {
  if (record.hash_space != dictionary.hash_space().id() || record.dimensions != dictionary.dimensions()) return false;
  UpdateRecord update;
  if (state.update && state.update->generation == record.generation) update = std::move(*state.update);
  update.generation = record.generation;
  update.next = 1;
  if (const auto before = dictionary_if_there(record)) {
    // Ids of hash spaces are short.
    if (before->hash_space().fingerprint() != dictionary.hash_space().fingerprint()) return false;
    const DictionaryDifference change = difference(*before, dictionary);
    report_.words_added = change.added.size();
    report_.words_removed = change.removed.size();
    report_.words_moved = change.moved.size();
    report_.forecast = forecast(change, *before, dictionary);
    std::vector<std::string> words;
    std::ranges::set_union(update.words, change.words(), std::back_inserter(words));
    update.words = std::move(words);
    update.everywhere = update.everywhere || before->pieces() != dictionary.pieces();
  } else {
    update.everywhere = true;
  }
  report_.kind = ReindexReport::Kind::kUpdate;
  report_.generation = record.generation;
  report_.everywhere = update.everywhere;
  record.dictionary = dictionary.fingerprint();
  (&record == &state.serving ? state.generations.since : state.generations.other_since) = seconds_now();
  state.update = std::move(update);
  return true;
}

std::shared_ptr<const Dictionary> Reindexer::dictionary_if_there(const IndexRecord& record) try {
  return dictionary_of(record);
} catch (const DataError&) {
  return nullptr;
}

void Reindexer::build_beside(EmbeddingState& state, const Dictionary& dictionary) {
  if (const auto& other = state.generations.other)
    throw DataError(
        fmt::format("{}: generation {} (hash space {}) lies beside the serving one, {}, and there is room "
                    "for two: `vecterm generations {} retire {}` makes room",
                    path_, other->generation, other->hash_space, state.serving.generation, path_, other->generation));
  IndexRecord record{dictionary.fingerprint(), dictionary.hash_space().id(), dictionary.dimensions(),
                     state.serving.generation + 1, state.serving.settings};
  if (record.hash_space == state.serving.hash_space)
    throw WrongDictionary(
        fmt::format("{}: the dictionary's hash space is another one than the serving generation's, but has "
                    "the same id, {}; learn one with another --seed",
                    path_, record.hash_space));
  report_.kind = ReindexReport::Kind::kGeneration;
  report_.generation = record.generation;
  state.generations.other = std::move(record);
  state.generations.other_since = seconds_now();
  state.generations.other_served = false;
}

void Reindexer::work() {
  finish_update();
  const EmbeddingState now = state();
  embed_pending(now.serving);
  if (now.generations.other && !now.generations.other_served) embed_pending(*now.generations.other);
}

void Reindexer::finish_update() {
  const EmbeddingState now = state();
  if (!now.update) return;
  const IndexRecord& record = *now.find(now.update->generation);
  const DocumentEmbedder embedder = embedder_of(record);
  UpdateRecord update = *now.update;
  EditJob job = embedding_job("updating", embedder);
  job.finish = [&](Xapian::WritableDatabase& writable, Xapian::docid next) {
    if (next == 0) return UpdateRecord::remove(writable);
    update.next = next;
    update.write_progress(writable);
  };
  const auto docids = reading_from(path_, [&](const Xapian::Database& database) {
    return documents_to_update(database, *now.update, record, embedder.embedder().dictionary());
  });
  add(report_, batches_.run(docids, job));
  wrote_ = true;
}

EditJob Reindexer::embedding_job(const std::string& step, const DocumentEmbedder& embedder) const {
  return {step, [&embedder](const Xapian::Document& document) { return embedder.change(document); },
          unchanged(path_, embedder.record())};
}

void Reindexer::embed_pending(const IndexRecord& record) {
  // Others may write between the batches.
  for (auto pending = documents_lacking(record); !pending.empty(); pending = documents_lacking(record)) {
    const DocumentEmbedder embedder = embedder_of(record);
    add(report_, batches_.run(pending, embedding_job("embedding", embedder)));
    wrote_ = true;
  }
}

void Reindexer::embed_again(const IndexRecord& record, const std::vector<Xapian::docid>& docids) {
  if (docids.empty()) return;
  const DocumentEmbedder embedder = embedder_of(record);
  add(report_, batches_.run(docids, embedding_job("repairing", embedder)));
  wrote_ = true;
}

void Reindexer::remove_orphans(const EmbeddingState& state, const std::vector<Xapian::docid>& docids) {
  if (docids.empty()) return;
  // Of no generation that there is, for the slot that these orphans stand in.
  IndexRecord beside = state.serving;
  ++beside.generation;
  const auto change = [&](const Xapian::Document& document) {
    EmbeddingChange orphans;
    orphans.slot = beside.slot();
    orphans.removed = tokens_of(document, beside.settings.token_prefix);
    std::erase_if(orphans.removed, [&](const std::string& token) { return !state.is_orphan(token); });
    if (!state.generations.other && !document.get_value(beside.slot()).empty()) orphans.value.emplace();
    return orphans;
  };
  const auto check = [&](const Xapian::Database& database) {
    // A generation that another program has begun meanwhile is no orphan.
    const EmbeddingState now = EmbeddingState::read(database, path_);
    if (now.serving == state.serving && now.generations.other == state.generations.other) return;
    throw Conflict(fmt::format("{}: another program changed the index's generations meanwhile; start again", path_));
  };
  add(report_, batches_.run(docids, {"removing orphans", change, check}));
  wrote_ = true;
}

void Reindexer::finish() {
  const auto has_sidecar = [this](const Xapian::Database& database) {
    return VectorTable::open(path_, database, embedder_of(state().serving)) != nullptr;
  };
  // The sidecar comes last: where it is there, a run before has come to its end.
  if (wrote_ || !reading_from(path_, has_sidecar)) tidy();
}

void Reindexer::tidy() {
  const DocumentEmbedder embedder = embedder_of(state().serving);
  WriteTransaction lock(path_, options_.write.lock_seconds);
  remove_unused_files(path_, lock.database());
  report_.sidecar = publish_vectors(path_, embedder, options_.write.min_free_bytes);
}

EmbeddingState Reindexer::future(const std::shared_ptr<const Dictionary>& dictionary) {
  EmbeddingState future = state();
  if (!dictionary) return future;
  check_tokenizer(*dictionary);
  dictionaries_.push_back(dictionary);
  take_up(future, *dictionary);
  return future;
}

void Reindexer::plan(const std::shared_ptr<const Dictionary>& dictionary) {
  const EmbeddingState future = this->future(dictionary);
  if (future.update) {
    const IndexRecord& record = *future.find(future.update->generation);
    const auto target = dictionary_of(record);
    plan_edits(record, reading_from(path_, [&](const Xapian::Database& database) {
                 return documents_to_update(database, *future.update, record, *target);
               }));
  }
  plan_edits(future.serving, documents_lacking(future.serving));
  if (const auto& other = future.generations.other; other && !future.generations.other_served)
    plan_edits(*other, documents_lacking(*other));
}

void Reindexer::plan_edits(const IndexRecord& record, const std::vector<Xapian::docid>& docids) {
  const DocumentEmbedder embedder = embedder_of(record);
  EditCounts counts;
  preview_changes(path_, docids, embedder, options_.write.threads, "planning", progress_,
                  [&](Xapian::docid, const EmbeddingChange& change) { counts.add(change); });
  add(report_, counts);
}

EmbeddingState Reindexer::state_with_other(unsigned generation) const {
  EmbeddingState now = state();
  const auto& other = now.generations.other;
  if (now.serving.generation == generation)
    throw InvalidArgument(fmt::format("generation must not be the serving one; {} serves", generation));
  if (!other || other->generation != generation)
    throw InvalidArgument(fmt::format("generation must be one of the index's, {}; was {}",
                                      other ? fmt::format("{} or {}", now.serving.generation, other->generation)
                                            : fmt::format("{} alone", now.serving.generation),
                                      generation));
  return now;
}

void Reindexer::prepare(unsigned generation) {
  const EmbeddingState now = state_with_other(generation);
  if (now.update && now.update->generation == generation) finish_update();
  embed_pending(*now.generations.other);
}

void Reindexer::activate(unsigned generation) {
  const IndexRecord target = *state_with_other(generation).generations.other;
  const DocumentEmbedder embedder = embedder_of(target);
  const EditJob job = embedding_job("activating", embedder);
  WriteTransaction transaction(path_, options_.write.lock_seconds, options_.write.min_free_bytes);
  job.check(transaction.database());
  EmbeddingState now = EmbeddingState::read(transaction.database(), path_);
  install_dictionary(path_, *dictionary_of(target));
  add(report_, batches_.edit(transaction.database(), documents_without(transaction.database(), target.marker()), job));
  std::swap(now.serving, *now.generations.other);
  std::swap(now.generations.since, now.generations.other_since);
  now.generations.other_served = true;
  now.write(transaction.database());
  transaction.commit();
  wrote_ = true;
}

void Reindexer::retire(unsigned generation) {
  const IndexRecord record = *state_with_other(generation).generations.other;
  const EditJob job{"retiring",
                    [&](const Xapian::Document& document) { return removal_of_embedding(record, document); },
                    unchanged(path_, record)};
  const auto docids = reading_from(
      path_, [&](const Xapian::Database& database) { return documents_with(database, {record.marker()}); });
  add(report_, batches_.run(docids, job));
  WriteTransaction transaction(path_, options_.write.lock_seconds, options_.write.min_free_bytes);
  job.check(transaction.database());
  EmbeddingState now = EmbeddingState::read(transaction.database(), path_);
  now.generations.other.reset();
  now.write(transaction.database());
  if (now.update && now.update->generation == generation) UpdateRecord::remove(transaction.database());
  transaction.commit();
  wrote_ = true;
}

std::list<Reindexer> reindexers(const std::string& path, const ReindexOptions& options,
                                const ProgressFunction& progress) {
  options.check();
  std::list<Reindexer> all;
  for (const std::string& directory : local_databases(path)) all.emplace_back(directory, options, progress);
  return all;
}

}  // namespace vecterm
