// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/data/file_array.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::size_t kSmallest = 64 << 10;

[[noreturn]] void fail(const std::string& directory, int error) {
  const std::string message = fmt::format("{}: no temporary file can be kept here: {}", directory, reason_of(error));
  if (error == EMFILE || error == ENFILE || error == ENOMEM) throw SystemError(message);
  throw DiskError(message);
}

FileDescriptor open_nameless(const std::string& directory) {
  FileDescriptor file = open_file(directory, O_RDWR | O_TMPFILE | O_EXCL, S_IRUSR | S_IWUSR);
  if (file) return file;
  // Not every file system has nameless files.
  std::string path = directory + "/vecterm.XXXXXX";
  file = FileDescriptor(::mkostemp(path.data(), O_CLOEXEC));
  if (!file) fail(directory, errno);
  ::unlink(path.c_str());
  return file;
}

}  // namespace

ScratchFile::ScratchFile(std::string directory) : directory_(std::move(directory)) {}

ScratchFile::~ScratchFile() {
  if (data_ != nullptr) ::munmap(data_, capacity_);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(directory_, other.directory_);
  std::swap(file_, other.file_);
  std::swap(data_, other.data_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

void ScratchFile::reserve(std::size_t bytes) {
  if (bytes <= capacity_) return;
  if (directory_.empty()) directory_ = std::filesystem::temp_directory_path().string();
  if (!file_) file_ = open_nameless(directory_);
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t wanted = (std::max({bytes, capacity_ + capacity_ / 2, kSmallest}) + page - 1) / page * page;
  // Blocks are taken now: a full disk met while writing through the mapping would end the program.
  int error = EINTR;
  while (error == EINTR) error = ::posix_fallocate(file_.number(), 0, static_cast<off_t>(wanted));
  if (error != 0) fail(directory_, error);
  void* const data = ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_SHARED, file_.number(), 0);
  if (data == MAP_FAILED) fail(directory_, errno);
  if (data_ != nullptr) ::munmap(data_, capacity_);
  data_ = static_cast<std::byte*>(data);
  capacity_ = wanted;
}

}  // namespace vecterm
