// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/reading_state.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "index/store/database_directory.h"

namespace vecterm {

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
  const auto provide = [this, database, directory, identity, embedder] {
    return table(database, directory, identity, *embedder);
  };
  return {database, std::make_shared<TableVectorReader>(provide),
          std::make_shared<CachedPostingReader>(database, kept.postings, kept.filters)};
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

std::shared_ptr<const VectorTable> ReadingState::table(const Xapian::Database& database, const std::string& directory,
                                                       const std::string& identity, const DocumentEmbedder& embedder) {
  const std::lock_guard lock(mutex_);
  OfShard& entry = shards_[directory];
  const bool is_known = entry.identity == identity;
  if (is_known && entry.table && entry.table->is_of(database, embedder)) return entry.table;
  auto made = VectorTable::open(directory, database, embedder);
  // The sidecar of another database in its place may be of the same uuid and revision.
  if (!made || directory_identity(directory) != identity) made = VectorTable::read(database, embedder);
  if (is_known) entry.table = made;
  return made;
}

}  // namespace vecterm
