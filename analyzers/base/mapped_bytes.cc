// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/mapped_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <new>

#include "analyzers/base/file_descriptor.h"
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

}  // namespace

MappedBytes MappedBytes::of_file(const std::string& path) {
  // Opening a pipe must not wait for a writer.
  const FileDescriptor file = open_file(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0) throw_reading_error(path + ": cannot be opened", errno);
  if (!S_ISREG(status.st_mode)) throw DataError(path + ": is not a file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) throw Damaged(path + ": is empty");
  if (size <= kMostReadBytes) {
    MappedBytes bytes = zeros(size);
    const auto got = read_at(file, bytes.data(), size, 0);
    if (!got) throw_reading_error(path + ": cannot be read", errno);
    if (*got < size) throw Damaged(path + ": was cut off while it was read");
    return bytes;
  }
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (address == MAP_FAILED) throw_reading_error(path + ": cannot be mapped", errno);
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

MappedBytes::~MappedBytes() {
  if (address_ != nullptr) ::munmap(address_, size_);
}

}  // namespace vecterm
