// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <chrono>
#include <string>

#include "analyzers/errors.h"
#include "analyzers/version.h"
#include "index/store/database_directory.h"

namespace vecterm {

/// Internal: tells the last commits to what lies at `path`, a database or a stub file, from all others.
VECTERM_INTERNAL_API std::string commit_mark(const std::string& path);

/// Internal: how readers follow writers. Xapian keeps the last two revisions of a database. A reader of an older one
/// meets DatabaseModifiedError, or blocks that were written since, which look like damage; and a writer that switches a
/// dictionary, or the databases of a collection, is seen half-way for a moment (Conflict). Reading again helps, of what
/// is there then.
class VECTERM_INTERNAL_API Overtaken {
 public:
  /// @param path  of what is read: a database, or a stub file
  explicit Overtaken(std::string path);

  /// To be called while an exception is handled. Returns after a pause where reading again may help. Throws it again
  /// where nobody has written, so that it is another failure, and after five tries and ten seconds (of a Conflict half a
  /// second).
  void wait_or_throw();

  /// Whether somebody has written since the reading began.
  bool was_written() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::string path_;
  std::string mark_;         ///< of the last commits before the reading began
  Clock::time_point first_;  ///< failure
  unsigned failures_ = 0;
};

/// Runs something that reads the databases at `path`; again, as long as writers overtake it. It must open them anew each
/// time.
template <class Action>
auto following_writers(const std::string& path, const Action& action) {
  for (Overtaken overtaken(path);;) {
    try {
      return action();
    } catch (const Xapian::DatabaseError&) {
      overtaken.wait_or_throw();
    } catch (const Error&) {
      overtaken.wait_or_throw();
    }
  }
}

/// The same for one database, which `action` gets.
template <class Action>
auto reading_from(const std::string& path, const Action& action) {
  return following_writers(path, [&] { return action(open_directory(path)); });
}

}  // namespace vecterm
