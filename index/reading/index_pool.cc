// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index_pool.h"

namespace vecterm {

IndexPool::IndexPool(const std::string& path, const IndexOptions& options) : first_(path, options) {}

std::vector<TextHit> IndexPool::search(const TextQuery& query, SearchReport* report) {
  Handle handle = borrow();
  // A handle that failed is given up with its error: its database may be in any state.
  std::vector<TextHit> hits;
  try {
    hits = handle.index->search(query, report);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    --handles_;
    throw;
  }
  give_back(std::move(handle));
  return hits;
}

bool IndexPool::reopen() {
  const std::lock_guard reopening(reopening_);
  if (!first_.reopen()) return false;
  const std::lock_guard lock(mutex_);
  ++reopened_;
  handles_ -= idle_.size();
  idle_.clear();
  return true;
}

std::size_t IndexPool::handles() const {
  const std::lock_guard lock(mutex_);
  return handles_;
}

IndexPool::Handle IndexPool::borrow() {
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
  auto index = std::make_unique<Index>(first_);
  const std::lock_guard lock(mutex_);
  ++handles_;
  return {std::move(index), reopened};
}

void IndexPool::give_back(Handle handle) {
  const std::lock_guard lock(mutex_);
  if (handle.reopened == reopened_)
    idle_.push_back(std::move(handle));
  else
    --handles_;
}

}  // namespace vecterm
