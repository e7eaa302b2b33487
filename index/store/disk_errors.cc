// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store/disk_errors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace vecterm {
namespace {

constexpr std::array kFull{ENOSPC, EDQUOT, EFBIG};

}  // namespace

bool is_disk_full(int error) { return std::ranges::find(kFull, error) != kFull.end(); }

bool is_disk_full(const Xapian::Error& error) {
  // Where Xapian could not undo a failed commit either, the cause stands in its message only.
  return std::ranges::any_of(kFull, [&](int number) {
    return error.get_error_string() != nullptr ? has_cause(error, number)
                                               : error.get_msg().find(std::strerror(number)) != std::string::npos;
  });
}

bool has_cause(const Xapian::Error& error, int number) {
  const char* const cause = error.get_error_string();
  return cause != nullptr && std::strcmp(cause, std::strerror(number)) == 0;
}

}  // namespace vecterm
