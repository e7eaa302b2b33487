// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/mapped_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

// A hint: a system without huge pages goes on with its own.
void ask_for_huge_pages(void* address, std::size_t size) {
#ifdef MADV_HUGEPAGE
  ::madvise(address, size, MADV_HUGEPAGE);
#else
  static_cast<void>(address), static_cast<void>(size);
#endif
}

[[noreturn]] void fail_to_open(const std::string& path, int error) {
  const std::string message = fmt::format("{}: cannot be opened: {}", path, std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) throw NotFound(message);
  throw DataError(message);
}

}  // namespace

MappedBytes MappedBytes::of_file(const std::string& path) {
  // Opening a pipe must not wait for a writer.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail_to_open(path, errno);
  struct stat status {};
  const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<std::size_t>(regular ? status.st_size : 0);
  void* address = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
  const int error = errno;
  ::close(file);
  if (!regular) throw DataError(path + ": is not a file");
  if (size == 0) throw Damaged(path + ": is empty");
  if (address == MAP_FAILED) throw DataError(fmt::format("{}: cannot be mapped: {}", path, std::strerror(error)));
  ask_for_huge_pages(address, size);
  return {address, size};
}

MappedBytes MappedBytes::zeros(std::size_t size) {
  if (size == 0) return {};
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) throw std::bad_alloc();
  ask_for_huge_pages(address, size);
  return {address, size};
}

void MappedBytes::release_pages() const {
  if (address_ != nullptr) ::madvise(address_, size_, MADV_DONTNEED);
}

MappedBytes::~MappedBytes() {
  if (address_ != nullptr) ::munmap(address_, size_);
}

}  // namespace vecterm
