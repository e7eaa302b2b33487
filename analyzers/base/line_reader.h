// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "analyzers/version.h"

namespace vecterm {

class ByteReader;

/// Reads a file line by line. Gzip is recognised by its content, whatever the file is called. Lines end in LF
/// or CRLF; a UTF-8 byte order mark at the start is dropped; the last line needs no end. "-" reads standard input.
class VECTERM_INTERNAL_API LineReader {
 public:
  /// @throws NotFound where there is no file, DataError where it cannot be opened or is a directory
  explicit LineReader(const std::string& path);
  /// Goes on where the bytes are; for the library itself, which installs no ByteReader.
  explicit LineReader(ByteReader bytes);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  /// The next line without its end; false at the end of the file. The view is valid until the next call.
  /// @throws DataError for damaged or truncated gzip data and for lines over 256 MiB, naming file and line
  bool next(std::string_view& line);

  /// The number of the line that next() gave last, from 1; 0 before the first.
  std::uint64_t line_number() const;
  /// Whether the line that next() gave last had an end; only the last of a file may have none.
  bool terminated() const;
  const std::string& path() const;
  /// How far into the file, in [0, 1], by its bytes on disk; 0 where the length is unknown. For progress bars.
  double progress() const;
  /// "corpus.jsonl.gz, line 12", for messages.
  std::string where() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace vecterm
