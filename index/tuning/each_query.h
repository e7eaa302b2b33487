// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "analyzers/progress.h"
#include "index/index.h"

namespace vecterm {

/// Internal: calls body(handle, i) for each of `queries` on all threads, each with a handle of its own.
/// @param stage  Progress::stage
void for_each_query(const Index& index, std::size_t queries, unsigned threads, const std::string& stage,
                    const ProgressFunction& progress, const std::function<void(Index&, std::size_t)>& body);

}  // namespace vecterm
