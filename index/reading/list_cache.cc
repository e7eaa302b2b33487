// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/list_cache.h"

namespace vecterm {
namespace {

// The list, its key twice, and about what two nodes and the control block take.
std::size_t bytes_of(const std::string& key, const DocidList& list) {
  constexpr std::size_t kNodes = 192;
  return list.capacity() * sizeof(Xapian::docid) + 2 * key.size() + kNodes;
}

}  // namespace

ListCache::List ListCache::find(const std::string& state, const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (state != state_) return nullptr;
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void ListCache::insert(const std::string& state, const std::string& key, List list) {
  const std::size_t added = bytes_of(key, *list);
  if (added > capacity_) return;
  const std::lock_guard lock(mutex_);
  if (state != state_) start(state);
  if (by_key_.contains(key)) return;
  while (bytes_ + added > capacity_) drop_last();
  entries_.emplace_front(key, std::move(list));
  by_key_.emplace(key, entries_.begin());
  bytes_ += added;
}

std::size_t ListCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void ListCache::drop_last() {
  const auto& [key, list] = entries_.back();
  bytes_ -= bytes_of(key, *list);
  by_key_.erase(key);
  entries_.pop_back();
}

void ListCache::start(const std::string& state) {
  by_key_.clear();
  entries_.clear();
  bytes_ = 0;
  state_ = state;
}

void CachedPostingReader::append(const std::string& term, DocidList& docids) {
  if (postings_->capacity() == 0) {
    reader_.append(term, docids);
    return;
  }
  ListCache::List list = postings_->find(state_, term);
  if (!list) {
    auto read = std::make_shared<DocidList>();
    reader_.append(term, *read);
    read->shrink_to_fit();
    postings_->insert(state_, term, read);
    list = std::move(read);
  }
  docids.insert(docids.end(), list->begin(), list->end());
}

std::shared_ptr<const DocidList> CachedPostingReader::matching(const Xapian::Query& filter) {
  // Queries with parts that cannot be written down cannot be told apart.
  std::string key;
  try {
    if (filters_->capacity() > 0) key = filter.serialise();
  } catch (const Xapian::UnimplementedError&) {
    key.clear();
  }
  if (key.empty()) return reader_.matching(filter);
  if (auto list = filters_->find(state_, key)) return list;
  auto list = reader_.matching(filter);
  filters_->insert(state_, key, list);
  return list;
}

}  // namespace vecterm
