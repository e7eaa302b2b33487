// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vecterm {

/// The number of threads that "0 = all cores" stands for; at least 1.
inline unsigned resolve_threads(unsigned threads) {
  return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

/// Threads that stay, for work that comes in many short pieces. To be used by one thread at a time.
class ThreadPool {
 public:
  /// @param threads  the caller's included; 0 = all cores
  explicit ThreadPool(unsigned threads) {
    for (unsigned i = 1; i < resolve_threads(threads); ++i) workers_.emplace_back([this] { serve(); });
  }

  ~ThreadPool() {
    stopping_ = true;
    announce();
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// The caller's thread included.
  std::size_t size() const { return workers_.size() + 1; }

  /// Calls body(begin, end) for consecutive pieces of [0, n) of at most `grain` items. Which thread does which piece
  /// is not fixed, so a body must write to its own items only. The first exception is thrown again here, after all
  /// threads have stopped.
  template <class Body>
  void for_each(std::size_t n, std::size_t grain, const Body& body) {
    grain = std::max<std::size_t>(1, grain);
    if (workers_.empty() || n <= grain) {
      for (std::size_t begin = 0; begin < n; begin += grain) body(begin, std::min(n, begin + grain));
      return;
    }
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    run([&] {
      try {
        for (std::size_t begin = next.fetch_add(grain); begin < n; begin = next.fetch_add(grain))
          body(begin, std::min(n, begin + grain));
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = n;
      }
    });
    if (failure) std::rethrow_exception(failure);
  }

 private:
  static constexpr int kSpins = 4000;  ///< before a thread sleeps: about the time that sleeping and waking take

  /// Runs `job`, which must not throw, on all threads at once.
  void run(const std::function<void()>& job) {
    job_ = &job;
    busy_ = workers_.size();
    announce();
    job();
    wait_while(busy_, [](std::size_t busy) { return busy != 0; });
  }

  void announce() {
    round_.fetch_add(1);
    round_.notify_all();
  }

  void serve() {
    for (std::uint32_t seen = 0;; ++seen) {
      wait_while(round_, [seen](std::uint32_t round) { return round == seen; });
      if (stopping_) return;
      (*job_)();
      if (busy_.fetch_sub(1) == 1) busy_.notify_all();
    }
  }

  template <class T, class Condition>
  static void wait_while(const std::atomic<T>& value, const Condition& condition) {
    T now = value.load();
    for (int spin = 0; spin < kSpins && condition(now); ++spin) now = value.load();
    for (; condition(now); now = value.load()) value.wait(now);
  }

  std::atomic<std::uint32_t> round_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<bool> stopping_{false};
  const std::function<void()>* job_ = nullptr;
  std::vector<std::jthread> workers_;
};

/// ThreadPool::for_each with up to `threads` threads made for it.
template <class Body>
void parallel_for(std::size_t n, std::size_t grain, unsigned threads, const Body& body) {
  const std::size_t pieces = (n + std::max<std::size_t>(1, grain) - 1) / std::max<std::size_t>(1, grain);
  const std::size_t useful = std::clamp<std::size_t>(pieces, 1, resolve_threads(threads));
  ThreadPool(static_cast<unsigned>(useful)).for_each(n, grain, body);
}

}  // namespace vecterm
