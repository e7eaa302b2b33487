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
#include <random>
#include <utility>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

// As mkstemp() makes them, by which older versions chose their names.
constexpr std::size_t kEndingBytes = 7;
constexpr std::string_view kEndingDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr int kTries = 100;

void sync_directory(const std::filesystem::path& directory) {
  const int handle = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  ::fsync(handle);
  ::close(handle);
}

// The permissions of a file, if there is one.
std::optional<mode_t> mode_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return found.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
}

std::string random_ending() {
  std::random_device random;
  std::uniform_int_distribution<std::size_t> digit(0, kEndingDigits.size() - 1);
  std::string ending = ".";
  while (ending.size() < kEndingBytes) ending += kEndingDigits[digit(random)];
  return ending;
}

}  // namespace

std::string_view without_temporary_ending(std::string_view name) {
  if (name.size() <= kEndingBytes) return {};
  const std::string_view whole = name.substr(0, name.size() - kEndingBytes);
  return name[whole.size()] == '.' ? whole : std::string_view();
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)), replaced_(mode_of(path_)) {
  // Until it has the permissions of the file that it replaces, nobody else reads it.
  const mode_t mode = replaced_ ? S_IRUSR | S_IWUSR : 0666;
  for (int tries = 0; file_ < 0 && tries < kTries; ++tries) {
    temporary_ = path_ + random_ending();
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file_ < 0 && errno != EEXIST) break;
  }
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
  if ((replaced_ && ::fchmod(file_, *replaced_) != 0) || ::fsync(file_) != 0) fail(errno);
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
