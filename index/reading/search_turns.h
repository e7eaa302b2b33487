// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

#include "analyzers/version.h"

namespace vecterm {

/// Internal: has searches of one collection take turns while writers overtake them. A reader has until the second commit
/// after it opened the database; of many searches at once on few processors each takes longer than that, and begins
/// anew, again and again. So for a second after one was overtaken, only two for each processor search at a time, in
/// order of arrival; else all do. Thread-safe.
class VECTERM_INTERNAL_API SearchTurns {
 public:
  /// @param at_a_time  searches while writers overtake; 0 = two for each processor
  explicit SearchTurns(std::size_t at_a_time = 0);

  /// To be called where a search was overtaken.
  void was_overtaken();
  /// Whether one was overtaken lately.
  bool are_taken() const;

  /// A search, from before it opens the database anew to its end. Waits for its turn.
  class Turn {
   public:
    explicit Turn(SearchTurns& turns) : turns_(turns) { turns_.begin(); }
    ~Turn() { turns_.end(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    SearchTurns& turns_;
  };

 private:
  using Clock = std::chrono::steady_clock;

  struct Waiting {
    std::condition_variable woken;
    bool may_begin = false;
  };

  void begin();
  void end();

  std::size_t at_a_time_;
  mutable std::mutex mutex_;
  std::size_t searching_ = 0;
  std::deque<Waiting*> waiting_;  ///< in order of arrival
  Clock::time_point taken_until_{};
};

}  // namespace vecterm
