// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/tuning/each_query.h"

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "analyzers/base/parallel.h"
#include "analyzers/base/throttled_progress.h"

namespace vecterm {

void for_each_query(const Index& index, std::size_t queries, unsigned threads, const std::string& stage,
                    const ProgressFunction& progress, const std::function<void(Index&, std::size_t)>& body) {
  std::atomic<std::size_t> done = 0;
  ThrottledProgress throttled(progress);
  const auto caller = std::this_thread::get_id();
  const std::size_t share = (queries + resolve_threads(threads) - 1) / resolve_threads(threads);
  parallel_for(queries, share, threads, [&](std::size_t begin, std::size_t end) {
    Index handle = index.another_handle();
    for (std::size_t i = begin; i < end; ++i) {
      body(handle, i);
      const std::size_t finished = ++done;
      if (std::this_thread::get_id() != caller) continue;
      throttled([&] {
        return Progress{stage, static_cast<double>(finished) / static_cast<double>(queries),
                        fmt::format("{} of {} queries", finished, queries)};
      });
    }
  });
}

}  // namespace vecterm
