// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw DiskError(fmt::format("{}: cannot be written: {}", path, std::strerror(error)));
}

void write_all(int file, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_directory(const std::filesystem::path& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  ::fsync(handle);
  ::close(handle);
}

}  // namespace

void write_file_atomically(const std::string& path, std::initializer_list<std::string_view> content) {
  std::string temporary = path + ".XXXXXX";
  const int file = ::mkstemp(temporary.data());
  if (file < 0) fail(path, errno);
  try {
    for (const std::string_view part : content) write_all(file, part, path);
    // mkstemp makes files private; a finished one gets the permissions that a plain file would have.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(file, 0666 & ~mask) != 0 || ::fsync(file) != 0) fail(path, errno);
  } catch (...) {
    ::close(file);
    ::unlink(temporary.c_str());
    throw;
  }
  if (::close(file) != 0 || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail(path, error);
  }
  const auto directory = std::filesystem::path(path).parent_path();
  sync_directory(directory.empty() ? "." : directory);
}

}  // namespace vecterm
