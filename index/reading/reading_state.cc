// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/reading_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "analyzers/errors.h"
#include "index/store/database_directory.h"

namespace vecterm {
namespace {

constexpr std::size_t kFewRows = 1024;  // not worth a table

/// While it lives, threads that are started leave all signals to the program's own.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

ReadingState::~ReadingState() {
  over_ = true;
  if (maker_.joinable()) maker_.join();
}

Shard ReadingState::shard(const Xapian::Database& database, const std::string& directory, const std::string& identity,
                          const std::shared_ptr<const DocumentEmbedder>& embedder, std::size_t shards) {
  OfShard kept;
  {
    const std::lock_guard lock(mutex_);
    OfShard& entry = shards_[directory];
    if (!entry.postings || entry.identity != identity) {
      entry = {};
      entry.identity = identity;
      entry.postings = std::make_shared<ListCache>(postings_cache_bytes_ / shards);
      entry.filters = std::make_shared<ListCache>(filter_cache_bytes_ / shards);
    }
    kept = entry;
  }
  const auto provide = [self = shared_from_this(), database, place = Place{directory, identity, embedder}](
                           std::size_t singly) { return self->kept_rows(database, place, singly); };
  return {database, std::make_shared<TableVectorReader>(database, *embedder, provide),
          std::make_shared<CachedPostingReader>(database, kept.postings, kept.filters)};
}

void ReadingState::make_table(const Xapian::Database& database, const std::string& directory,
                              const std::string& identity, const std::shared_ptr<const DocumentEmbedder>& embedder) {
  make_table(database, {directory, identity, embedder});
}

std::shared_ptr<const Dictionary> ReadingState::dictionary(
    const std::string& fingerprint, const std::function<std::shared_ptr<const Dictionary>()>& open) {
  const std::lock_guard lock(mutex_);
  if (dictionary_ && dictionary_->fingerprint() == fingerprint) return dictionary_;
  auto opened = open();
  if (opened->fingerprint() != fingerprint)
    throw WrongDictionary(
        fmt::format("the index's dictionary is {}; {} was given", fingerprint, opened->fingerprint()));
  dictionary_ = std::move(opened);
  return dictionary_;
}

ReadingState::OfShard ReadingState::kept_of(const Place& place) {
  const std::lock_guard lock(mutex_);
  const OfShard& entry = shards_[place.directory];
  return entry.identity == place.identity ? entry : OfShard{};
}

// What changed is asked for once, when a database was just opened: later its revision may not be the last one.
KeptRows ReadingState::kept_rows(const Xapian::Database& database, const Place& place, std::size_t singly) {
  const OfShard kept = kept_of(place);
  if (kept.table && kept.table->is_of(database, *place.embedder)) return {kept.table, nullptr};
  if (singly > 0) {
    count(database, place, singly);
    return {};
  }
  auto changed = changes(database, place, kept);
  return changed ? KeptRows{kept.table, std::move(changed)} : KeptRows{};
}

ReadingState::Blocks ReadingState::blocks_of(const Xapian::Database& database, const Place& place,
                                             const ValueBlocks* before) {
  auto blocks = ValueBlocks::read(place.directory, database, place.embedder->record().slot(), before);
  // Those of another database in its place may be of the same uuid and revision.
  return directory_identity(place.directory) == place.identity ? blocks : nullptr;
}

// Since the table was made; nothing where that cannot be told.
std::shared_ptr<const DocidRanges> ReadingState::changes(const Xapian::Database& database, const Place& place,
                                                         const OfShard& kept) {
  if (!kept.blocks || !kept.table->is_of_earlier(database, *place.embedder)) return nullptr;
  if (kept.changed && kept.compared == database.get_revision()) return kept.changed;
  const auto blocks = blocks_of(database, place, kept.blocks.get());
  if (!blocks) return nullptr;
  auto changed = std::make_shared<const DocidRanges>(blocks->changed_since(*kept.blocks));
  const std::lock_guard lock(mutex_);
  OfShard& entry = shards_[place.directory];
  if (entry.identity == place.identity && entry.table == kept.table) {
    entry.compared = database.get_revision();
    entry.changed = changed;
  }
  return changed;
}

void ReadingState::make_table(const Xapian::Database& database, const Place& place) {
  const OfShard kept = kept_of(place);
  if (kept.table && kept.table->is_of(database, *place.embedder)) return;
  const auto blocks = blocks_of(database, place, kept.blocks.get());
  Table table = table_of(database, place, kept, blocks);
  const std::lock_guard lock(mutex_);
  OfShard& entry = shards_[place.directory];
  if (!table || entry.identity != place.identity) return;
  entry.table = std::move(table);
  entry.blocks = blocks;
  entry.changed = nullptr;
  entry.singly = 0;
}

/// Null where no handle wants it any more.
ReadingState::Table ReadingState::table_of(const Xapian::Database& database, const Place& place, const OfShard& kept,
                                           const Blocks& blocks) const {
  const bool follows = kept.table && kept.table->is_of_earlier(database, *place.embedder);
  if (follows && kept.blocks && blocks)
    if (auto table = VectorTable::follow(database, *place.embedder, *kept.table, blocks->changed_since(*kept.blocks)))
      return table;
  // The sidecar of another database in its place may be of the same uuid and revision.
  if (auto table = VectorTable::open(place.directory, database, *place.embedder);
      table && directory_identity(place.directory) == place.identity)
    return table;
  return VectorTable::read(database, *place.embedder, kept.table.get(), [this] { return over_.load(); });
}

// Counts rows that are about to be read from the slot, and has a table made where that is worth its cost.
void ReadingState::count(const Xapian::Database& database, const Place& place, std::size_t singly) try {
  const std::size_t rows = database.get_value_freq(place.embedder->record().slot());
  const std::lock_guard lock(mutex_);
  OfShard& entry = shards_[place.directory];
  if (entry.wanted || entry.identity != place.identity) return;
  entry.singly += singly;
  if (entry.singly < std::max(kFewRows, rows / TableVectorReader::kSingleCost)) return;
  if (!making_) {
    if (maker_.joinable()) maker_.join();  // it has come to its end
    const SignalsBlocked blocked;
    maker_ = std::thread([this] { make_tables(); });
    making_ = true;
  }
  wanted_.push_back(place);
  entry.wanted = true;
} catch (const std::system_error&) {  // there is no thread to be had
}

// The thread's.
void ReadingState::make_tables() {
  std::unique_lock lock(mutex_);
  while (!wanted_.empty() && !over_) {
    const Place next = std::move(wanted_.front());
    wanted_.pop_front();
    lock.unlock();
    try {
      const Xapian::Database database = open_directory(next.directory);
      if (directory_identity(next.directory) == next.identity) make_table(database, next);
    } catch (const Xapian::Error&) {   // overtaken, or away: searches say so
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): likewise
    }
    lock.lock();
    OfShard& entry = shards_[next.directory];
    entry.wanted = false;
    entry.singly = 0;
  }
  making_ = false;
}

}  // namespace vecterm
