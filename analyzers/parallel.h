// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace vecterm {

/// The number of threads that "0 = all cores" stands for; at least 1.
inline unsigned resolve_threads(unsigned threads) {
  return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

/// Calls body(begin, end) for consecutive pieces of [0, n) of at most `grain` items, on up to `threads` threads (the
/// caller's is one of them). Which thread does which piece is not fixed, so a body must write to its own items only.
/// The first exception is thrown again here, after all threads have stopped.
template <class Body>
void parallel_for(std::size_t n, std::size_t grain, unsigned threads, const Body& body) {
  grain = std::max<std::size_t>(1, grain);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  auto work = [&] {
    try {
      for (std::size_t begin = next.fetch_add(grain); begin < n; begin = next.fetch_add(grain))
        body(begin, std::min(n, begin + grain));
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = n;
    }
  };
  const std::size_t pieces = (n + grain - 1) / grain;
  const std::size_t helpers = std::min<std::size_t>(resolve_threads(threads), pieces);
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < helpers; ++i) pool.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace vecterm
