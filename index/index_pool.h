// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "index.h"

namespace vecterm {

/// One index for any number of threads: each search borrows a handle, and there are as many handles as there were
/// searches at once. They share vectors, caches and the dictionary. Thread-safe; copies share the handles.
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
  class Internal;
  std::shared_ptr<Internal> internal_;
};

}  // namespace vecterm
