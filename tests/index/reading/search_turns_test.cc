// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/search_turns.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace vecterm;

namespace {

/// Searches that have begun and go on until they are told to end.
class Searches {
 public:
  explicit Searches(SearchTurns& turns) : turns_(turns) {}
  ~Searches() {
    for (auto& search : searches_) search->may_end = true;
  }

  void start() {
    Search& search = *searches_.emplace_back(std::make_unique<Search>());
    search.thread = std::jthread([&search, this] {
      const SearchTurns::Turn turn(turns_);
      search.number = ++begun_;
      while (!search.may_end) std::this_thread::yield();
    });
  }

  void wait_for(unsigned begun) const {
    while (begun_ < begun) std::this_thread::yield();
  }
  /// Long enough for one that need not wait.
  void expect_no_more_than(unsigned begun) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK(begun_ == begun);
  }
  void end(std::size_t i) {
    searches_[i]->may_end = true;
    searches_[i]->thread.join();
  }
  unsigned number(std::size_t i) const { return searches_[i]->number; }

 private:
  struct Search {
    std::atomic<bool> may_end = false;
    std::atomic<unsigned> number = 0;  ///< in the order of beginning; 0 = has not begun
    std::jthread thread;
  };

  SearchTurns& turns_;
  std::atomic<unsigned> begun_ = 0;
  std::vector<std::unique_ptr<Search>> searches_;
};

}  // namespace

TEST_CASE("all search at once where no writer overtakes them") {
  SearchTurns turns(2);
  Searches searches(turns);
  for (int i = 0; i < 6; ++i) searches.start();
  searches.wait_for(6);
  CHECK_FALSE(turns.are_taken());
}

TEST_CASE("after one was overtaken some search at a time, and each ends for one that waits, in order of arrival") {
  SearchTurns turns(2);
  turns.was_overtaken();
  CHECK(turns.are_taken());
  Searches searches(turns);
  searches.start();
  searches.start();
  searches.wait_for(2);
  for (int i = 0; i < 3; ++i) {
    searches.start();
    searches.expect_no_more_than(2);
  }
  for (unsigned i = 0; i < 3; ++i) {
    searches.end(i);
    searches.wait_for(3 + i);
    CHECK(searches.number(2 + i) == 3 + i);
  }
}

TEST_CASE("more that search than may, since before one was overtaken, end without letting others begin") {
  SearchTurns turns(1);
  Searches searches(turns);
  for (int i = 0; i < 3; ++i) searches.start();
  searches.wait_for(3);
  turns.was_overtaken();
  searches.start();
  searches.end(0);
  searches.end(1);
  searches.expect_no_more_than(3);
  searches.end(2);
  searches.wait_for(4);
  CHECK(searches.number(3) == 4);
}
