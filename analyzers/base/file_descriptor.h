// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "analyzers/version.h"

namespace vecterm {

/// Internal: an open file, closed at destruction. Never one of the descriptors 0 to 2, which others read and write
/// whatever they are, and not inherited by programs that the process starts.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// Takes over what open() or its like returned. Errno stays what it was.
  explicit FileDescriptor(int number) : number_(number) {
    if (number < 0 || number > STDERR_FILENO) return;
    number_ = ::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    ::close(number);
    errno = error;
  }
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  /// Another descriptor of an open file. Without one where that fails; errno says why.
  static FileDescriptor copy_of(int number) {
    FileDescriptor copy;
    copy.number_ = ::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return copy;
  }

  /// Whether there is one.
  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }

  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

/// Reads bytes of a file from `offset` on. @returns how many there were before its end; nothing where reading fails, and
/// errno says why
inline std::optional<std::size_t> read_at(const FileDescriptor& file, char* out, std::size_t size, std::size_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file.number(), out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

/// The one way in which vecterm opens files. Without a descriptor where that fails; errno says why.
inline FileDescriptor open_file(const std::string& path, int flags, mode_t mode = 0) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  return FileDescriptor(number);
}

/// Whether errno says that the disk takes no more: it is full, a quota is used up, or a file is too large.
VECTERM_INTERNAL_API bool is_disk_full(int error);

/// Whether errno says nothing of what was asked for, but of the process, its rights or a device: what SystemError is
/// for.
VECTERM_INTERNAL_API bool is_refusal(int error);

/// What errno means, and for too many open files also what to do.
VECTERM_INTERNAL_API std::string reason_of(int error);

/// Why a file cannot be read: "<what>: <reason>". @throws NotFound where there is none, SystemError, or else DataError
[[noreturn]] VECTERM_INTERNAL_API void throw_reading_error(const std::string& what, int error);

}  // namespace vecterm
