// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/base/checksum.h"
#include "analyzers/base/line_reader.h"

namespace vecterm {

/// Internal: how far a run has read its input; metadata entry schema::kCursorKey.
struct Cursor {
  std::uint64_t lines = 0;  ///< of all files, in order
  Checksum checksum{};      ///< of these lines, a line feed after each

  bool operator==(const Cursor&) const = default;

  /// {"lines": 12, "checksum": "<32 hex digits>"}
  std::string to_json() const;
};

/// Internal: the lines of several corpora, one after the other.
class CorpusStream {
 public:
  /// Opens all files. @throws DataError where one cannot be opened; InvalidArgument where there is none, or "-" twice
  explicit CorpusStream(const std::vector<std::string>& paths);

  /// As LineReader::next.
  bool next(std::string_view& line);

  const Cursor& cursor() const { return cursor_; }
  /// File and number of the line that next() gave last.
  std::string where() const { return readers_[current_].where(); }
  /// In [0, 1].
  double progress() const;

 private:
  std::vector<LineReader> readers_;
  std::size_t current_ = 0;
  RunningChecksum checksum_;
  Cursor cursor_;
};

/// Whether a file can be read twice: standard input and pipes cannot.
bool is_rereadable(const std::string& path);

/// Reads up to where `cursor` (in JSON) says that an interrupted run came.
/// @returns how many documents that was, or nothing where the input is not the same; the stream is then used up
std::optional<std::uint64_t> skip_to(CorpusStream& stream, const std::string& cursor);

}  // namespace vecterm
