// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/overtaken.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <thread>
#include <utility>

#include "index/store/collection.h"

namespace vecterm {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kSettling{500};
constexpr std::chrono::milliseconds kPause{1};
constexpr std::chrono::milliseconds kPauseForSwitch{20};
constexpr unsigned kWithoutPause = 3;  // failures
constexpr unsigned kLeastTries = 5;

}  // namespace

// Xapian puts another version file in place with each commit.
std::string commit_mark(const std::string& path) try {
  std::string mark;
  for (const std::string& directory : directories_at(path)) {
    struct stat file {};
    const bool there = ::stat((directory + "/iamglass").c_str(), &file) == 0;
    mark += there ? fmt::format("{} {}:{} {}.{:09}\n", directory, file.st_dev, file.st_ino, file.st_mtim.tv_sec,
                                file.st_mtim.tv_nsec)
                  : directory + '\n';
  }
  return mark;
} catch (const Error&) {  // whoever reads will say more
  return {};
}

Overtaken::Overtaken(std::string path) : path_(std::move(path)), mark_(commit_mark(path_)) {}

bool Overtaken::was_written() const { return commit_mark(path_) != mark_; }

void Overtaken::wait_or_throw() {
  std::string mark = commit_mark(path_);
  const bool written = mark != mark_;
  std::chrono::milliseconds patience{0};
  std::chrono::milliseconds pause = failures_ < kWithoutPause ? std::chrono::milliseconds{0} : kPause;
  try {
    throw;
  } catch (const Xapian::DatabaseModifiedError&) {
    patience = kPatience;
  } catch (const Xapian::DatabaseLockError&) {  // NOLINT(bugprone-empty-catch): a writer's
  } catch (const Xapian::DatabaseError&) {
    if (written) patience = kPatience;
  } catch (const Damaged&) {
    if (written) patience = kPatience;
  } catch (const Conflict&) {
    patience = kSettling;
    pause = kPauseForSwitch;
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): no writer explains it
  }
  const Clock::time_point now = Clock::now();
  if (failures_++ == 0) first_ = now;
  if (patience.count() == 0 || (failures_ >= kLeastTries && now - first_ >= patience)) throw;
  std::this_thread::sleep_for(pause);
  mark_ = std::move(mark);
}

}  // namespace vecterm
