// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vecterm {
class Json;
}

namespace vecterm::cli {

/// Whoever reads our standard output has gone, as `head` does; not an error.
struct OutputClosed {};

/// Names and values.
using Rows = std::vector<std::pair<std::string, std::string>>;

/// Standard output, buffered. Unlike std::cout it cannot lose data silently.
class Output {
 public:
  /// All three: @throws DiskError where writing fails, OutputClosed where the reader has gone
  void write(std::string_view text);
  void line(std::string_view text);
  /// Writes out what is buffered; nothing is written at destruction.
  void flush();

  /// One line of JSON.
  void json(const Json& value);
  /// One a line, values aligned.
  void table(const Rows& rows);

 private:
  std::string buffer_;
};

/// Prints "vecterm: text" on standard error, as one line.
void message(std::string_view text);

/// `text` on one line: each control character becomes a space, so that data cannot steer a terminal.
std::string printable(std::string_view text);

}  // namespace vecterm::cli
