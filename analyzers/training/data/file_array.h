// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "analyzers/base/file_descriptor.h"

namespace vecterm {

/// Bytes in a nameless temporary file, mapped into memory: data of which only what is being used need be in memory.
/// The file is gone with the object, however the program ends. Not thread-safe while it grows.
class ScratchFile {
 public:
  /// @param directory  where the file is; empty = the system's directory for temporary files
  explicit ScratchFile(std::string directory = {});
  ~ScratchFile();
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;

  std::byte* data() const { return data_; }
  std::size_t capacity() const { return capacity_; }
  /// Makes room for `bytes`; new bytes are 0. What data() gave before is no longer valid.
  /// @throws DiskError where there is no room, SystemError where too many files are open or memory cannot be had
  void reserve(std::size_t bytes);

 private:
  std::string directory_;
  FileDescriptor file_;
  std::byte* data_ = nullptr;
  std::size_t capacity_ = 0;
};

/// A growing array of plain values in a ScratchFile.
template <class T>
class FileArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit FileArray(std::string directory = {}) : file_(std::move(directory)) {}
  FileArray(FileArray&& other) noexcept : file_(std::move(other.file_)), size_(std::exchange(other.size_, 0)) {}
  FileArray& operator=(FileArray&& other) noexcept {
    file_ = std::move(other.file_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return reinterpret_cast<T*>(file_.data()); }
  T* end() { return begin() + size_; }
  const T* begin() const { return reinterpret_cast<const T*>(file_.data()); }
  const T* end() const { return begin() + size_; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  std::span<const T> span() const { return {begin(), size_}; }

  void push_back(const T& value) {
    const T copy = value;
    resize(size_ + 1);
    begin()[size_ - 1] = copy;
  }
  /// New values are zero bytes. @throws DiskError where there is no room
  void resize(std::size_t size) {
    if (size * sizeof(T) > file_.capacity()) file_.reserve(size * sizeof(T));
    size_ = size;
  }

 private:
  ScratchFile file_;
  std::size_t size_ = 0;
};

}  // namespace vecterm
