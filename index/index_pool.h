// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
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

  /// As Index::reopen(), for all handles: searches that begin afterwards see what is there now.
  bool reopen();

  /// Handles that are open.
  std::size_t handles() const;

 private:
  struct Handle {
    std::unique_ptr<Index> index;
    std::uint64_t reopened;  ///< reopened_ when it was opened
  };

  Handle borrow();
  void give_back(Handle handle);

  Index first_;  ///< what the others are copied from; searches nothing itself
  std::mutex reopening_;
  mutable std::mutex mutex_;
  std::vector<Handle> idle_;
  std::size_t handles_ = 0;
  std::uint64_t reopened_ = 0;  ///< how often; handles from before are given up
};

}  // namespace vecterm
