// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/disk_errors.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "analyzers/base/file_descriptor.h"

namespace vecterm {
namespace {

constexpr int kMostErrno = 133;
// Of Xapian's lock, whose errors carry no errno.
constexpr std::string_view kLocked = ": already locked";
constexpr std::string_view kNoDescriptor = ": too many open files";
// Of a new database whose version file could not be synced or renamed, whatever the cause.
constexpr std::string_view kNoVersionFile = "Failed to create iamglass file";

}  // namespace

int cause_of(const Xapian::Error& error) {
  const char* const cause = error.get_error_string();
  if (cause == nullptr && error.get_msg().ends_with(kNoDescriptor)) return EMFILE;
  if (cause == nullptr && error.get_msg() == kNoVersionFile) return EIO;
  for (int number = 1; number <= kMostErrno; ++number) {
    if (!is_disk_full(number) && !is_refusal(number) && number != EROFS) continue;
    const std::string text = std::strerror(number);
    // Where Xapian could not undo a failed commit either, or has no lock, the cause stands in its message only.
    if (cause != nullptr ? text == cause : error.get_msg().find(text) != std::string::npos) return number;
  }
  return 0;
}

bool is_disk_full(const Xapian::Error& error) { return is_disk_full(cause_of(error)); }

bool is_refusal(const Xapian::Error& error) { return is_refusal(cause_of(error)); }

bool is_locked(const Xapian::DatabaseLockError& error) { return error.get_msg().ends_with(kLocked); }

}  // namespace vecterm
