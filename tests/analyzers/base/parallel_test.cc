// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/parallel.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "analyzers/base/bounded_queue.h"
#include "analyzers/errors.h"

using namespace vecterm;

namespace {

bool does_each_item_once(ThreadPool& threads, std::size_t n, std::size_t grain) {
  std::vector<int> times(n);
  threads.for_each(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++times[i];
  });
  return std::ranges::all_of(times, [](int count) { return count == 1; });
}

/// What the function returns in a process of its own, whose address space may grow by `bytes`; none where it is not done
/// within 30 seconds.
template <class Function>
int in_little_memory(rlim_t bytes, const Function& function) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    const rlimit limit{bytes, bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(100);
    _exit(function());
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("threads do each item once, whatever the pieces") {
  for (const unsigned count : {1U, 2U, 5U}) {
    ThreadPool threads(count);
    CHECK(threads.size() == count);
    for (const std::size_t n : {0U, 1U, 7U, 1000U})
      for (const std::size_t grain : {0U, 1U, 3U, 2000U}) CHECK(does_each_item_once(threads, n, grain));
  }
}

TEST_CASE("the first failure of a piece is thrown again, and the threads go on") {
  ThreadPool threads(3);
  for (int round = 0; round < 20; ++round) {
    CHECK_THROWS_AS(threads.for_each(100, 1,
                                     [](std::size_t begin, std::size_t) {
                                       if (begin % 10 == 7) throw std::runtime_error("no");
                                     }),
                    std::runtime_error);
    CHECK(does_each_item_once(threads, 100, 1));
  }
}

#ifndef VECTERM_SANITIZED  // which needs more address space than there is
TEST_CASE("where the machine starts fewer threads than were asked for, those do the work") {
  constexpr unsigned kAsked = 1000;  // stacks of 8 MB each
  const int status = in_little_memory(std::uint64_t{2} << 30U, [] {
    ThreadPool threads(kAsked);
    if (threads.size() == kAsked) return 1;
    return does_each_item_once(threads, 1000, 1) ? 0 : 2;
  });
  CHECK(status == 0);
}

TEST_CASE("where the machine starts no thread that is an error of the system") {
  const int status = in_little_memory(std::uint64_t{1} << 30U, [] {
    std::atomic<bool> stopping = false;
    std::vector<std::jthread> threads;
    int result = 1;
    try {
      while (threads.size() < 1000) threads.push_back(start_thread([&] { stopping.wait(false); }));
    } catch (const SystemError&) {
      result = 0;
    }
    stopping = true;
    stopping.notify_all();
    return result;
  });
  CHECK(status == 0);
}
#endif

TEST_CASE("what a producer meets comes after the items before it") {
  BoundedQueue<int> queue(2);
  const std::jthread producing([&] {
    queue.produce([&] {
      for (int i = 0; i < 5; ++i) queue.push(i);
      throw std::bad_alloc();
    });
  });
  for (int i = 0; i < 5; ++i) CHECK(queue.pop() == i);
  CHECK_THROWS_AS(queue.pop(), std::bad_alloc);
  CHECK_THROWS_AS(queue.pop(), std::bad_alloc);
}

TEST_CASE("who takes no more ends the producer, and then there is no failure") {
  BoundedQueue<int> queue(1);
  const std::jthread producing([&] {
    queue.produce([&] {
      while (queue.push(1)) continue;
    });
  });
  CHECK(queue.pop() == 1);
  queue.close();
}
