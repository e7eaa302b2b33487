// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace vecterm {

/// Memory of its own pages: a file, read only, or zeros to be written to. In huge pages where the system gives them.
class MappedBytes {
 public:
  MappedBytes() = default;
  /// @throws NotFound naming the file where there is none, Damaged where it is empty, DataError where it cannot be
  /// opened or is no file
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
  /// Lets the system take back the memory of a file's pages; they are read again when they are used.
  void release_pages() const;
  /// REQUIRES: made by zeros().
  char* data() const { return static_cast<char*>(address_); }

 private:
  MappedBytes(void* address, std::size_t size) : address_(address), size_(size) {}

  void* address_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace vecterm
