// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reading/search_turns.h"

#include <algorithm>
#include <thread>

namespace vecterm {
namespace {

constexpr std::chrono::seconds kLately{1};
constexpr std::size_t kEachProcessor = 2;  // one alone idles whenever the next one is woken

}  // namespace

SearchTurns::SearchTurns(std::size_t at_a_time)
    : at_a_time_(at_a_time > 0 ? at_a_time : kEachProcessor * std::max(1U, std::thread::hardware_concurrency())) {}

void SearchTurns::was_overtaken() {
  const std::lock_guard lock(mutex_);
  taken_until_ = Clock::now() + kLately;
}

bool SearchTurns::are_taken() const {
  const std::lock_guard lock(mutex_);
  return Clock::now() < taken_until_;
}

void SearchTurns::begin() {
  std::unique_lock lock(mutex_);
  if (searching_ < at_a_time_ || Clock::now() >= taken_until_) {
    ++searching_;
    return;
  }
  Waiting own;
  waiting_.push_back(&own);
  own.woken.wait(lock, [&] { return own.may_begin; });
}

// Hands its place on, so that whoever arrives meanwhile does not get it.
void SearchTurns::end() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || searching_ > at_a_time_) {
    --searching_;
    return;
  }
  waiting_.front()->may_begin = true;
  waiting_.front()->woken.notify_one();
  waiting_.pop_front();
}

}  // namespace vecterm
