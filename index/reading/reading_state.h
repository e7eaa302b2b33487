// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "index/reading/list_cache.h"
#include "index/store/vector_table.h"
#include "plugin/documents/shard.h"

namespace vecterm {

/// Internal: what the handles of one collection share: vector tables, caches and the dictionary. Thread-safe.
///
/// Searches never wait for a table of vectors: it is made by a thread beside them, which lives as long as there is one
/// to be made, and ends with the last handle. Where the system gives no thread, searches go on reading the slot.
class ReadingState : public std::enable_shared_from_this<ReadingState> {
 public:
  ReadingState(std::size_t postings_cache_bytes, std::size_t filter_cache_bytes)
      : postings_cache_bytes_(postings_cache_bytes), filter_cache_bytes_(filter_cache_bytes) {}
  ~ReadingState();
  ReadingState(const ReadingState&) = delete;
  ReadingState& operator=(const ReadingState&) = delete;

  /// The readers of one of `shards` local databases. Handles of the same revision share its table.
  /// @param identity  of the directory, before the database was opened
  Shard shard(const Xapian::Database& database, const std::string& directory, const std::string& identity,
              const std::shared_ptr<const DocumentEmbedder>& embedder, std::size_t shards);

  /// Makes a shard's table now, by its own database, where there is none.
  void make_table(const Xapian::Database& database, const std::string& directory, const std::string& identity,
                  const DocumentEmbedder& embedder);

  /// The dictionary with this fingerprint, kept while it is asked for.
  /// @throws WrongDictionary where `open` gives another one; what `open` throws
  std::shared_ptr<const Dictionary> dictionary(const std::string& fingerprint,
                                               const std::function<std::shared_ptr<const Dictionary>()>& open);

 private:
  struct OfShard {
    std::string identity;
    std::shared_ptr<const VectorTable> table;
    std::shared_ptr<ListCache> postings;
    std::shared_ptr<ListCache> filters;
    bool wanted = false;  ///< a table is being made, or is going to be
  };
  struct Wanted {
    std::string directory;
    std::string identity;
    std::shared_ptr<const DocumentEmbedder> embedder;
  };
  using Table = std::shared_ptr<const VectorTable>;

  Table find_table(const Xapian::Database& database, const std::string& directory, const std::string& identity,
                   const DocumentEmbedder& embedder);
  Table read_table(const Xapian::Database& database, const std::string& directory, const std::string& identity,
                   const DocumentEmbedder& embedder);
  void keep(Table table, const std::string& directory, const std::string& identity);
  void want(Wanted wanted);
  void make_tables();
  void make(const Wanted& wanted);

  std::size_t postings_cache_bytes_;
  std::size_t filter_cache_bytes_;
  std::mutex mutex_;
  std::map<std::string, OfShard> shards_;  ///< by directory, as it was last found
  std::shared_ptr<const Dictionary> dictionary_;
  std::deque<Wanted> wanted_;  ///< tables
  bool making_ = false;        ///< the thread looks after wanted_
  std::atomic<bool> over_ = false;
  std::thread maker_;
};

}  // namespace vecterm
