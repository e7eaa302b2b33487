// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/index_pool.h"

namespace vecterm {

IndexPool::IndexPool(const std::string& path, const IndexOptions& options) : first_(path, options) {}

std::vector<TextHit> IndexPool::search(const TextQuery& query, SearchReport* report) {
  auto index = borrow();
  // A handle that failed is given up with its error: its database may be in any state.
  std::vector<TextHit> hits;
  try {
    hits = index->search(query, report);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    --handles_;
    throw;
  }
  give_back(std::move(index));
  return hits;
}

std::size_t IndexPool::handles() const {
  const std::lock_guard lock(mutex_);
  return handles_;
}

std::unique_ptr<Index> IndexPool::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto index = std::move(idle_.back());
      idle_.pop_back();
      return index;
    }
  }
  auto index = std::make_unique<Index>(first_);
  const std::lock_guard lock(mutex_);
  ++handles_;
  return index;
}

void IndexPool::give_back(std::unique_ptr<Index> index) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(index));
}

}  // namespace vecterm
