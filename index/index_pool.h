// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../analyzers/export.h"
#include "index.h"

namespace vecterm {

/// One index for any number of threads: each search borrows a handle, and there are as many handles as there were
/// searches at once. They share vectors, caches and the dictionary. Thread-safe.
class VECTERM_API IndexPool {
 public:
  /// @throws as Index
  explicit IndexPool(const std::string& path, const IndexOptions& options = {});

  /// As Index::search(), with the same hits whichever handle answers.
  std::vector<TextHit> search(const TextQuery& query, SearchReport* report = nullptr);

  /// Handles that are open.
  std::size_t handles() const;

 private:
  std::unique_ptr<Index> borrow();
  void give_back(std::unique_ptr<Index> index);

  Index first_;  ///< what the others are copied from; searches nothing itself
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Index>> idle_;
  std::size_t handles_ = 0;
};

}  // namespace vecterm
