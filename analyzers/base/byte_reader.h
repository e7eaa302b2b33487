// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/errors.h"
#include "analyzers/version.h"

namespace vecterm {

/// Reads the content of a file from front to back: its bytes, inflated where they are gzip, which is recognised by
/// content whatever the file is called. "-" reads standard input. Internal; one thread at a time.
class VECTERM_INTERNAL_API ByteReader {
 public:
  /// What the constructor and reading throw. A reader that counts in lines or rows puts its own place before `reason`.
  class Failure : public DataError {
   public:
    Failure(const std::string& where, const std::string& what) : DataError(where + ": " + what), reason(what) {}
    std::string reason;  ///< without the place
  };

  /// @throws NotFound where there is no file, SystemError where the system refuses, Failure where it is a directory, or
  /// DataError where it cannot be opened otherwise
  explicit ByteReader(const std::string& path);
  ~ByteReader();
  ByteReader(ByteReader&&) noexcept;
  ByteReader& operator=(ByteReader&&) noexcept;

  /// What was read and not taken yet. Valid until read_more() or peek().
  std::string_view buffered() const { return std::string_view(buffer_.data() + begin_, end_ - begin_); }

  /// Adds at least one byte to what is buffered; false at the end of the content.
  /// @throws Failure for damaged or truncated gzip data, SystemError or DataError where reading fails
  bool read_more();

  /// The next `count` bytes; fewer where the content ends before. They are not taken. @throws Failure as read_more()
  std::string_view peek(std::size_t count);

  /// Moves on. REQUIRES: count <= buffered().size()
  void take(std::size_t count);

  /// Bytes taken from the content, from 0.
  std::uint64_t offset() const { return offset_; }

  /// A bound on what is to come, to check a number of the content before it is used: exact for a plain file, what
  /// gzip can hold at most for a compressed one, and the largest number for a pipe.
  std::uint64_t most_bytes_left() const;

  /// How far into the file, in [0, 1], by its bytes on disk; 0 where the length is unknown.
  double progress() const;

  const std::string& path() const { return path_; }
  /// The path as messages show it.
  std::string name() const;
  /// "model.bin, byte 12", for messages.
  std::string where(std::uint64_t offset) const;

 private:
  class Source;

  std::string path_;
  std::unique_ptr<Source> source_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what is buffered
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace vecterm
