// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "analyzers/version.h"

namespace vecterm {

inline constexpr unsigned kMaxThreads = 1024;

/// The number of threads that "0 = all cores" stands for; at least 1.
/// @throws InvalidArgument for more than kMaxThreads, as do all functions here that take a number of threads
VECTERM_INTERNAL_API unsigned resolve_threads(unsigned threads);

/// A thread of its own. @throws SystemError where the machine starts no more
VECTERM_INTERNAL_API std::jthread start_thread(std::function<void()> work);

/// What is done to the items [begin, end).
using PieceFunction = std::function<void(std::size_t begin, std::size_t end)>;

/// Threads that stay, for work that comes in many short pieces. To be used by one thread at a time.
class VECTERM_INTERNAL_API ThreadPool {
 public:
  /// Where the machine starts fewer threads, those have to do: the caller's is always there.
  /// @param threads  the caller's included; 0 = all cores
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// The caller's thread included.
  std::size_t size() const;

  /// Calls body(begin, end) for consecutive pieces of [0, n) of at most `grain` items. Which thread does which piece
  /// is not fixed, so a body must write to its own items only. The first exception is thrown again here, after all
  /// threads have stopped.
  void for_each(std::size_t n, std::size_t grain, const PieceFunction& body);

 private:
  class Workers;

  std::unique_ptr<Workers> workers_;
};

/// ThreadPool::for_each with up to `threads` threads made for it.
VECTERM_INTERNAL_API void parallel_for(std::size_t n, std::size_t grain, unsigned threads, const PieceFunction& body);

}  // namespace vecterm
