// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/reading_state.h"

#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "analyzers/errors.h"
#include "index/store/database_directory.h"

namespace vecterm {
namespace {

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
    if (!entry.postings || entry.identity != identity)
      entry = {identity, nullptr, std::make_shared<ListCache>(postings_cache_bytes_ / shards),
               std::make_shared<ListCache>(filter_cache_bytes_ / shards)};
    kept = entry;
  }
  const auto provide = [self = shared_from_this(), database, directory, identity, embedder](bool worth_making) {
    auto table = self->find_table(database, directory, identity, *embedder);
    if (!table && worth_making) self->want({directory, identity, embedder});
    return table;
  };
  return {database, std::make_shared<TableVectorReader>(database, *embedder, provide),
          std::make_shared<CachedPostingReader>(database, kept.postings, kept.filters)};
}

void ReadingState::make_table(const Xapian::Database& database, const std::string& directory,
                              const std::string& identity, const DocumentEmbedder& embedder) {
  if (!find_table(database, directory, identity, embedder))
    keep(read_table(database, directory, identity, embedder), directory, identity);
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

ReadingState::Table ReadingState::find_table(const Xapian::Database& database, const std::string& directory,
                                             const std::string& identity, const DocumentEmbedder& embedder) {
  Table table;
  {
    const std::lock_guard lock(mutex_);
    const OfShard& entry = shards_[directory];
    if (entry.identity == identity) table = entry.table;
  }
  return table && table->is_of(database, embedder) ? table : nullptr;
}

/// Null where no handle wants it any more.
ReadingState::Table ReadingState::read_table(const Xapian::Database& database, const std::string& directory,
                                             const std::string& identity, const DocumentEmbedder& embedder) {
  // The sidecar of another database in its place may be of the same uuid and revision.
  if (auto table = VectorTable::open(directory, database, embedder); table && directory_identity(directory) == identity)
    return table;
  Table before;
  {
    const std::lock_guard lock(mutex_);
    if (const OfShard& entry = shards_[directory]; entry.identity == identity) before = entry.table;
  }
  return VectorTable::read(database, embedder, before.get(), [this] { return over_.load(); });
}

void ReadingState::keep(Table table, const std::string& directory, const std::string& identity) {
  const std::lock_guard lock(mutex_);
  if (OfShard& entry = shards_[directory]; entry.identity == identity) entry.table = std::move(table);
}

void ReadingState::want(Wanted wanted) try {
  const std::lock_guard lock(mutex_);
  OfShard& entry = shards_[wanted.directory];
  if (entry.wanted || entry.identity != wanted.identity) return;
  if (!making_) {
    if (maker_.joinable()) maker_.join();  // it has come to its end
    const SignalsBlocked blocked;
    maker_ = std::thread([this] { make_tables(); });
    making_ = true;
  }
  wanted_.push_back(std::move(wanted));
  entry.wanted = true;
} catch (const std::system_error&) {  // there is no thread to be had
}

// The thread's.
void ReadingState::make_tables() {
  std::unique_lock lock(mutex_);
  while (!wanted_.empty() && !over_) {
    const Wanted next = std::move(wanted_.front());
    wanted_.pop_front();
    lock.unlock();
    make(next);
    lock.lock();
    shards_[next.directory].wanted = false;
  }
  making_ = false;
}

void ReadingState::make(const Wanted& wanted) {
  try {
    const Xapian::Database database = open_directory(wanted.directory);
    if (directory_identity(wanted.directory) != wanted.identity) return;
    if (find_table(database, wanted.directory, wanted.identity, *wanted.embedder)) return;
    if (auto table = read_table(database, wanted.directory, wanted.identity, *wanted.embedder))
      keep(std::move(table), wanted.directory, wanted.identity);
  } catch (const Xapian::Error&) {   // overtaken, or away: searches say so
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): likewise
  }
}

}  // namespace vecterm
