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

namespace fs = std::filesystem;

// As mkstemp() makes them, by which older versions chose their names.
constexpr std::size_t kEndingBytes = 7;
constexpr std::string_view kEndingDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr int kTries = 100;

constexpr int kMostLinks = 40;

fs::path directory_of(const std::string& path) {
  const fs::path directory = fs::path(path).parent_path();
  return directory.empty() ? "." : directory;
}

void sync_directory(const fs::path& directory) {
  const FileDescriptor handle = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (handle) ::fsync(handle.number());
}

// Where symbolic links lead, be there a file or not.
std::string followed(std::string path) {
  std::error_code error;
  for (int links = 0; links < kMostLinks && fs::is_symlink(path, error); ++links)
    path = (fs::path(path).parent_path() / fs::read_symlink(path, error)).string();
  return path;
}

// The name under which a nameless file can be linked.
std::string handle_of(const FileDescriptor& file) { return fmt::format("/proc/self/fd/{}", file.number()); }

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

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)), target_(followed(path_)) {
  struct stat found {};
  const bool there = ::stat(path_.c_str(), &found) == 0;
  if (!there && errno != ENOENT) fail(errno);
  if (there && S_ISDIR(found.st_mode)) fail(EISDIR);
  in_place_ = there && !S_ISREG(found.st_mode);
  if (there && !in_place_) replaced_ = found;
  if (in_place_)
    file_ = open_file(path_, O_WRONLY | O_NOCTTY);
  else  // Until it has the permissions of the file that it replaces, nobody else reads it.
    create(there ? S_IRUSR | S_IWUSR : 0666);
  if (!file_) fail(errno);
}

void AtomicFile::create(mode_t mode) {
  file_ = open_file(directory_of(target_), O_WRONLY | O_TMPFILE, mode);
  if (file_ && ::access(handle_of(file_).c_str(), F_OK) == 0) return;
  for (int tries = 0; tries < kTries; ++tries) {
    temporary_ = target_ + random_ending();
    file_ = open_file(temporary_, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (file_ || errno != EEXIST) break;
  }
  if (!file_) temporary_.clear();
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(int error) const {
  const std::string message = fmt::format("{}: cannot be written: {}", path_, reason_of(error));
  if (error == EMFILE || error == ENFILE || error == ENOMEM) throw SystemError(message);
  throw DiskError(message);
}

void AtomicFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file_.number(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::finish() {
  if (!in_place_) take_over();
  // Pipes and most devices have nothing to sync.
  if (::fsync(file_.number()) != 0 && !(in_place_ && (errno == EINVAL || errno == EROFS || errno == ENOTSUP)))
    fail(errno);
  if (!in_place_) put_in_place();
  file_.reset();
}

// Owner and permissions of the old file. Who may not give files away keeps his own.
void AtomicFile::take_over() {
  if (!replaced_) return;
  if (::fchown(file_.number(), replaced_->st_uid, replaced_->st_gid) != 0 &&
      ::fchown(file_.number(), static_cast<uid_t>(-1), replaced_->st_gid) != 0 && errno != EPERM && errno != EINVAL)
    fail(errno);
  if (::fchmod(file_.number(), replaced_->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) != 0) fail(errno);
}

// A nameless file gets its own name where nothing has it, else a temporary one.
void AtomicFile::give_name() {
  std::string name = target_;
  for (int tries = 0; tries <= kTries; ++tries) {
    if (::linkat(AT_FDCWD, handle_of(file_).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      if (tries > 0) temporary_ = std::move(name);
      return;
    }
    if (errno != EEXIST) break;
    name = target_ + random_ending();
  }
  fail(errno);
}

void AtomicFile::put_in_place() {
  if (temporary_.empty()) give_name();
  if (!temporary_.empty() && std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  sync_directory(directory_of(target_));
}

void check_can_write(const std::string& path) {
  const auto fail = [&](const std::string& why) { throw DiskError(fmt::format("cannot write {}: {}", path, why)); };
  struct stat found {};
  const bool there = ::stat(path.c_str(), &found) == 0;
  if (there && S_ISDIR(found.st_mode)) fail("it is a directory");
  const std::string needed = there && !S_ISREG(found.st_mode) ? path : directory_of(followed(path)).string();
  if (::access(needed.c_str(), W_OK) != 0) fail(fmt::format("{}: {}", needed, std::strerror(errno)));
}

void write_file_atomically(const std::string& path, std::initializer_list<std::string_view> content) {
  AtomicFile file(path);
  for (const std::string_view part : content) file.write(part);
  file.finish();
}

}  // namespace vecterm
