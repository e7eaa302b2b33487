// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
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
  /// All three: @throws DiskError where writing fails, OutputClosed where the reader has gone. What is written passes as
  /// it is, as data; a line is for people, and printable().
  void write(std::string_view text);
  void line(std::string_view text);
  /// Writes out what is buffered; nothing is written at destruction.
  void flush();

  /// One line of JSON, as json_line() has it.
  void json(const Json& value);
  /// One a line, values aligned.
  void table(const Rows& rows);

 private:
  std::string buffer_;
};

/// Prints "vecterm: text" on standard error, as one line.
void message(std::string_view text);

/// JSON on one line, with escapes for all characters that printable() would replace: the same value, and nothing that
/// steers a terminal.
std::string json_line(const Json& value);

/// Says where a dictionary was learned from many of the queries that it is judged by.
/// @param share  of them; nothing = not known
void warn_of_learned(std::optional<double> share);

}  // namespace vecterm::cli
