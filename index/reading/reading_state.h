// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "index/reading/list_cache.h"
#include "index/store/vector_table.h"
#include "plugin/documents/shard.h"

namespace vecterm {

/// Internal: what the handles of one collection share: vector tables, caches and the dictionary. Thread-safe.
class ReadingState {
 public:
  ReadingState(std::size_t postings_cache_bytes, std::size_t filter_cache_bytes)
      : postings_cache_bytes_(postings_cache_bytes), filter_cache_bytes_(filter_cache_bytes) {}

  /// The readers of one of `shards` local databases. The table of vectors is made when it is first needed; handles of
  /// the same revision share it.
  /// @param identity  of the directory, before the database was opened
  Shard shard(const Xapian::Database& database, const std::string& directory, const std::string& identity,
              const std::shared_ptr<const DocumentEmbedder>& embedder, std::size_t shards);

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
  };

  std::shared_ptr<const VectorTable> table(const Xapian::Database& database, const std::string& directory,
                                           const std::string& identity, const DocumentEmbedder& embedder);

  std::size_t postings_cache_bytes_;
  std::size_t filter_cache_bytes_;
  std::mutex mutex_;
  std::map<std::string, OfShard> shards_;  ///< by directory, as it was last found
  std::shared_ptr<const Dictionary> dictionary_;
};

}  // namespace vecterm
