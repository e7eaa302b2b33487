// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "analyzers/version.h"

namespace vecterm {

/// Memory of its own pages: a file, read only, or zeros to be written to. In huge pages where the system gives them.
///
/// A file of up to kMostReadBytes is read, so that whatever becomes of it afterwards, what was read stays. A larger one
/// is mapped: who cuts it off or writes over it in place, while it is open, changes what was verified, and ends the
/// process by SIGBUS where a page is gone. Whoever replaces such a file must rename a new one over it, as vecterm's own
/// writers do (AtomicFile).
class VECTERM_INTERNAL_API MappedBytes {
 public:
  static constexpr std::size_t kMostReadBytes = std::size_t{64} << 20U;

  MappedBytes() = default;
  /// @throws NotFound naming the file where there is none, Damaged where it is empty or shrinks while it is read,
  /// SystemError where the system refuses, DataError where it is no file
  static MappedBytes of_file(const std::string& path);
  /// `size` zeros. @throws std::bad_alloc
  static MappedBytes zeros(std::size_t size);
  ~MappedBytes();
  MappedBytes(MappedBytes&& other) noexcept
      : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  MappedBytes& operator=(MappedBytes&& other) noexcept {
    std::swap(address_, other.address_);
    std::swap(size_, other.size_);
    return *this;
  }

  std::string_view view() const { return {static_cast<const char*>(address_), size_}; }
  /// REQUIRES: made by zeros().
  char* data() const { return static_cast<char*>(address_); }

 private:
  MappedBytes(void* address, std::size_t size) : address_(address), size_(size) {}

  void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace vecterm
