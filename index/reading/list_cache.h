// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "plugin/documents/posting_reader.h"

namespace vecterm {

/// Decoded lists of one revision of a database, bounded in bytes: the least recently used are dropped. Thread-safe.
class ListCache {
 public:
  using List = std::shared_ptr<const DocidList>;

  /// @param capacity  bytes of lists and of what keeps them; 0 = nothing is kept
  explicit ListCache(std::size_t capacity) : capacity_(capacity) {}

  /// The list kept under `key` for this revision, or null.
  List find(std::uint64_t revision, const std::string& key);
  /// Keeps a list. Those of other revisions are dropped.
  void insert(std::uint64_t revision, const std::string& key, List list);

  std::size_t capacity() const { return capacity_; }
  std::size_t bytes() const;

 private:
  using Entries = std::list<std::pair<std::string, List>>;

  void drop_last();
  void start(std::uint64_t revision);

  std::size_t capacity_;
  mutable std::mutex mutex_;
  std::uint64_t revision_ = 0;
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
        revision_(database.get_revision()),
        postings_(std::move(postings)),
        filters_(std::move(filters)) {}

  void append(const std::string& term, DocidList& docids) override;
  std::shared_ptr<const DocidList> matching(const Xapian::Query& filter) override;

 private:
  DatabasePostingReader reader_;
  std::uint64_t revision_;
  std::shared_ptr<ListCache> postings_;
  std::shared_ptr<ListCache> filters_;
};

}  // namespace vecterm
