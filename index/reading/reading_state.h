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
#include "index/reading/search_turns.h"
#include "index/reading/table_vector_reader.h"
#include "index/reading/value_blocks.h"
#include "index/store/vector_table.h"
#include "plugin/documents/shard.h"

namespace vecterm {

/// Internal: what the handles of one collection share: vector tables, caches and the dictionary. Thread-safe.
///
/// Searches never wait for a table of vectors: it is made by a thread beside them, which lives as long as there is one
/// to be made, and ends with the last handle. Where the system gives no thread, searches go on reading the slot. After a
/// commit the table of before serves on, but for documents in blocks that the commit wrote. A row read from the slot by
/// itself costs many times what it costs among all, so a table is made when about as much was spent on single rows.
class ReadingState : public std::enable_shared_from_this<ReadingState> {
 public:
  ReadingState(std::size_t postings_cache_bytes, std::size_t filter_cache_bytes)
      : postings_cache_bytes_(postings_cache_bytes), filter_cache_bytes_(filter_cache_bytes) {}
  ~ReadingState();
  ReadingState(const ReadingState&) = delete;
  ReadingState& operator=(const ReadingState&) = delete;

  SearchTurns& turns() { return turns_; }

  /// The readers of one of `shards` local databases. Handles of the same revision share its table.
  /// @param identity  of the directory, before the database was opened
  Shard shard(const Xapian::Database& database, const std::string& directory, const std::string& identity,
              const std::shared_ptr<const DocumentEmbedder>& embedder, std::size_t shards);

  /// Makes a shard's table now, by its own database, where there is none.
  void make_table(const Xapian::Database& database, const std::string& directory, const std::string& identity,
                  const std::shared_ptr<const DocumentEmbedder>& embedder);

  /// The dictionary with this fingerprint, kept while it is asked for.
  /// @throws WrongDictionary where `open` gives another one; what `open` throws
  std::shared_ptr<const Dictionary> dictionary(const std::string& fingerprint,
                                               const std::function<std::shared_ptr<const Dictionary>()>& open);

 private:
  using Table = std::shared_ptr<const VectorTable>;
  using Blocks = std::shared_ptr<const ValueBlocks>;

  struct OfShard {
    std::string identity;
    std::shared_ptr<ListCache> postings;
    std::shared_ptr<ListCache> filters;
    Table table;
    Blocks blocks;                               ///< of the table's revision; null where they could not be told
    std::uint64_t compared = 0;                  ///< a later revision,
    std::shared_ptr<const DocidRanges> changed;  ///< and what is not the same there
    std::size_t singly = 0;                      ///< rows read from the slot since the table was made
    bool wanted = false;                         ///< a table is being made, or is going to be
  };
  /// Where a database was opened, and how its vectors are read.
  struct Place {
    std::string directory;
    std::string identity;
    std::shared_ptr<const DocumentEmbedder> embedder;
  };

  KeptRows kept_rows(const Xapian::Database& database, const Place& place, std::size_t singly);
  OfShard kept_of(const Place& place);
  static Blocks blocks_of(const Xapian::Database& database, const Place& place, const ValueBlocks* before);
  std::shared_ptr<const DocidRanges> changes(const Xapian::Database& database, const Place& place, const OfShard& kept);
  void make_table(const Xapian::Database& database, const Place& place);
  Table table_of(const Xapian::Database& database, const Place& place, const OfShard& kept, const Blocks& blocks) const;
  void count(const Xapian::Database& database, const Place& place, std::size_t singly);
  void make_tables();

  SearchTurns turns_;
  std::size_t postings_cache_bytes_;
  std::size_t filter_cache_bytes_;
  std::mutex mutex_;
  std::map<std::string, OfShard> shards_;  ///< by directory, as it was last found
  std::shared_ptr<const Dictionary> dictionary_;
  std::deque<Place> wanted_;  ///< tables
  bool making_ = false;       ///< the thread looks after wanted_
  std::atomic<bool> over_ = false;
  std::thread maker_;
};

}  // namespace vecterm
