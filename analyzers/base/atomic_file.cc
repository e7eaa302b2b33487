// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

void sync_directory(const std::filesystem::path& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  ::fsync(handle);
  ::close(handle);
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), temporary_(path_ + ".XXXXXX"), file_(::mkstemp(temporary_.data())) {
  if (file_ < 0) fail(errno);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(int error) const {
  throw DiskError(fmt::format("{}: cannot be written: {}", path_, std::strerror(error)));
}

void AtomicFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::finish() {
  // mkstemp makes files private; a finished one gets the permissions that a plain file would have.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(file_, 0666 & ~mask) != 0 || ::fsync(file_) != 0) fail(errno);
  if (::close(std::exchange(file_, -1)) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(errno);
  temporary_.clear();
  const auto directory = std::filesystem::path(path_).parent_path();
  sync_directory(directory.empty() ? "." : directory);
}

void write_file_atomically(const std::string& path, std::initializer_list<std::string_view> content) {
  AtomicFile file(path);
  for (const std::string_view part : content) file.write(part);
  file.finish();
}

}  // namespace vecterm
