// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index_pool.h"

#include <cstdint>
#include <mutex>
#include <utility>

namespace vecterm {

class IndexPool::Internal {
 public:
  Internal(const std::string& path, const IndexOptions& options) : first_(path, options) {}

  std::vector<TextHit> search(const TextQuery& query, SearchReport* report);
  bool reopen();
  std::size_t handles() const;

 private:
  struct Handle {
    Index index;
    std::uint64_t reopened;  // reopened_ when it was opened
  };

  Handle borrow();
  void give_back(Handle handle);

  Index first_;  // what the others are opened from; searches nothing itself
  std::mutex reopening_;
  mutable std::mutex mutex_;
  std::vector<Handle> idle_;
  std::size_t handles_ = 0;
  std::uint64_t reopened_ = 0;  // how often; handles from before are given up
};

std::vector<TextHit> IndexPool::Internal::search(const TextQuery& query, SearchReport* report) {
  Handle handle = borrow();
  std::vector<TextHit> hits;
  try {
    hits = handle.index.search(query, report);
  } catch (const Error&) {  // a bad query, which harms no handle
    give_back(std::move(handle));
    throw;
  } catch (...) {  // its database may be in any state
    const std::lock_guard lock(mutex_);
    --handles_;
    throw;
  }
  give_back(std::move(handle));
  return hits;
}

bool IndexPool::Internal::reopen() {
  const std::lock_guard reopening(reopening_);
  if (!first_.reopen()) return false;
  const std::lock_guard lock(mutex_);
  ++reopened_;
  handles_ -= idle_.size();
  idle_.clear();
  return true;
}

std::size_t IndexPool::Internal::handles() const {
  const std::lock_guard lock(mutex_);
  return handles_;
}

IndexPool::Internal::Handle IndexPool::Internal::borrow() {
  std::uint64_t reopened = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Handle handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
    reopened = reopened_;
  }
  Handle opened{first_.another_handle(), reopened};
  const std::lock_guard lock(mutex_);
  ++handles_;
  return opened;
}

void IndexPool::Internal::give_back(Handle handle) {
  const std::lock_guard lock(mutex_);
  if (handle.reopened == reopened_)
    idle_.push_back(std::move(handle));
  else
    --handles_;
}

IndexPool::IndexPool(const std::string& path, const IndexOptions& options)
    : internal_(std::make_shared<Internal>(path, options)) {}

std::vector<TextHit> IndexPool::search(const TextQuery& query, SearchReport* report) {
  return internal_->search(query, report);
}

bool IndexPool::reopen() { return internal_->reopen(); }
std::size_t IndexPool::handles() const { return internal_->handles(); }

}  // namespace vecterm
