// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/data/file_array.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
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
  throw DiskError(fmt::format("{}: no temporary file can be kept here: {}", directory, std::strerror(error)));
}

int open_nameless(const std::string& directory) {
  std::string path = directory + "/vecterm.XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) fail(directory, errno);
  ::unlink(path.c_str());
  return file;
}

}  // namespace

ScratchFile::ScratchFile(std::string directory) : directory_(std::move(directory)) {}

ScratchFile::~ScratchFile() {
  if (data_ != nullptr) ::munmap(data_, capacity_);
  if (file_ >= 0) ::close(file_);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : directory_(std::move(other.directory_)),
      file_(std::exchange(other.file_, -1)),
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
  if (file_ < 0) file_ = open_nameless(directory_);
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t wanted = (std::max({bytes, capacity_ + capacity_ / 2, kSmallest}) + page - 1) / page * page;
  // Blocks are taken now: a full disk met while writing through the mapping would end the program.
  if (const int error = ::posix_fallocate(file_, 0, static_cast<off_t>(wanted)); error != 0) fail(directory_, error);
  void* const data = ::mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (data == MAP_FAILED) fail(directory_, errno);
  if (data_ != nullptr) ::munmap(data_, capacity_);
  data_ = static_cast<std::byte*>(data);
  capacity_ = wanted;
}

}  // namespace vecterm
