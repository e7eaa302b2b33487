// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr int kSpins = 4000;  // before a thread sleeps: about the time that sleeping and waking take

template <class T, class Condition>
void wait_while(const std::atomic<T>& value, const Condition& condition) {
  T now = value.load();
  for (int spin = 0; spin < kSpins && condition(now); ++spin) now = value.load();
  for (; condition(now); now = value.load()) value.wait(now);
}

}  // namespace

unsigned resolve_threads(unsigned threads) {
  if (threads > kMaxThreads)
    throw InvalidArgument(fmt::format("threads must be in [0, {}]; was {}", kMaxThreads, threads));
  return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

std::jthread start_thread(std::function<void()> work) try {
  return std::jthread(std::move(work));
} catch (const std::system_error& error) {
  throw SystemError(fmt::format("no thread can be started: {}", error.code().message()));
}

/// The threads besides the caller's.
class ThreadPool::Workers {
 public:
  explicit Workers(unsigned count) {
    threads_.reserve(count);
    try {
      while (threads_.size() < count) threads_.emplace_back([this] { serve(); });
    } catch (const std::exception&) {  // the machine has no more
    }
  }

  ~Workers() {
    stopping_ = true;
    announce();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t size() const { return threads_.size(); }

  /// Runs `job`, which must not throw, on all threads at once, the caller's included.
  void run(const std::function<void()>& job) {
    job_ = &job;
    busy_ = threads_.size();
    announce();
    job();
    wait_while(busy_, [](std::size_t busy) { return busy != 0; });
  }

 private:
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

  std::atomic<std::uint32_t> round_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<bool> stopping_{false};
  const std::function<void()>* job_ = nullptr;
  std::vector<std::jthread> threads_;
};

ThreadPool::ThreadPool(unsigned threads) : workers_(std::make_unique<Workers>(resolve_threads(threads) - 1)) {}

ThreadPool::~ThreadPool() = default;

std::size_t ThreadPool::size() const { return workers_->size() + 1; }

void ThreadPool::for_each(std::size_t n, std::size_t grain, const PieceFunction& body) {
  grain = std::max<std::size_t>(1, grain);
  if (workers_->size() == 0 || n <= grain) {
    for (std::size_t begin = 0; begin < n; begin += grain) body(begin, std::min(n, begin + grain));
    return;
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  workers_->run([&] {
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

void parallel_for(std::size_t n, std::size_t grain, unsigned threads, const PieceFunction& body) {
  const std::size_t pieces = (n + std::max<std::size_t>(1, grain) - 1) / std::max<std::size_t>(1, grain);
  const std::size_t useful = std::clamp<std::size_t>(pieces, 1, resolve_threads(threads));
  ThreadPool(static_cast<unsigned>(useful)).for_each(n, grain, body);
}

}  // namespace vecterm
