// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "plugin/documents/posting_reader.h"

namespace vecterm {

/// Decoded lists of one revision of one database, bounded in bytes: the least recently used are dropped. Thread-safe.
class ListCache {
 public:
  using List = std::shared_ptr<const DocidList>;

  /// @param capacity  bytes of lists and of what keeps them; 0 = nothing is kept
  explicit ListCache(std::size_t capacity) : capacity_(capacity) {}

  /// The list kept under `key` for this state of a database (its uuid and revision), or null.
  List find(const std::string& state, const std::string& key);
  /// Keeps a list. Those of other states are dropped.
  void insert(const std::string& state, const std::string& key, List list);

  std::size_t capacity() const { return capacity_; }
  std::size_t bytes() const;

 private:
  using Entries = std::list<std::pair<std::string, List>>;

  void drop_last();
  void start(const std::string& state);

  std::size_t capacity_;
  mutable std::mutex mutex_;
  std::string state_;
  std::size_t bytes_ = 0;
  Entries entries_;  ///< most recently used first
  std::unordered_map<std::string, Entries::iterator> by_key_;
};

/// Reads lists from caches, and from the database what they do not have. Gives the same lists as without.
class CachedPostingReader : public PostingReader {
 public:
  CachedPostingReader(const Xapian::Database& database, std::shared_ptr<ListCache> postings,
                      std::shared_ptr<ListCache> filters)
      : reader_(database),
        state_(fmt::format("{}:{}", database.get_uuid(), database.get_revision())),
        postings_(std::move(postings)),
        filters_(std::move(filters)) {}

  void append(const std::string& term, DocidList& docids) override;
  std::shared_ptr<const DocidList> matching(const Xapian::Query& filter) override;

 private:
  DatabasePostingReader reader_;
  std::string state_;
  std::shared_ptr<ListCache> postings_;
  std::shared_ptr<ListCache> filters_;
};

}  // namespace vecterm
