// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/errors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "analyzers/base/file_descriptor.h"

namespace vecterm {
namespace {

constexpr std::array kFull{ENOSPC, EDQUOT, EFBIG};
constexpr std::array kRefusals{EMFILE, ENFILE, ENOMEM, EAGAIN, EACCES, EPERM, EIO, ENODEV, ENXIO, ENOLCK, ESTALE};

}  // namespace

// Out of line, so that each type's identity (vtable and type information) lives in the library alone.
Error::~Error() = default;
InvalidArgument::~InvalidArgument() = default;
DataError::~DataError() = default;
NotFound::~NotFound() = default;
WrongDictionary::~WrongDictionary() = default;
Damaged::~Damaged() = default;
Conflict::~Conflict() = default;
DiskError::~DiskError() = default;
SystemError::~SystemError() = default;

bool is_disk_full(int error) { return std::ranges::find(kFull, error) != kFull.end(); }

bool is_refusal(int error) { return std::ranges::find(kRefusals, error) != kRefusals.end(); }

std::string reason_of(int error) {
  const std::string reason = std::strerror(error);
  return error == EMFILE || error == ENFILE ? reason + "; close some, or raise the limit (ulimit -n)" : reason;
}

void throw_reading_error(const std::string& what, int error) {
  const std::string message = what + ": " + reason_of(error);
  if (error == ENOENT || error == ENOTDIR) throw NotFound(message);
  if (is_refusal(error)) throw SystemError(message);
  throw DataError(message);
}

}  // namespace vecterm
