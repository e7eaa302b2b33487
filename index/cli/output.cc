// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"

namespace vecterm::cli {

namespace {

constexpr std::size_t kBufferBytes = 65536;

}  // namespace

void Output::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void Output::line(std::string_view text) {
  write(text);
  write("\n");
}

void Output::flush() {
  // Taken out first: after a failure nothing may be written twice.
  const std::string pending = std::exchange(buffer_, {});
  std::string_view rest = pending;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed{};
    } else if (errno != EINTR) {
      throw DiskError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
    }
  }
}

void Output::json(const Json& value) { line(value.text()); }

void Output::table(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (const auto& [name, value] : rows) line(fmt::format("{:<{}}  {}", name, width, printable(value)));
}

void message(std::string_view text) {
  const std::string whole = fmt::format("vecterm: {}\n", printable(text));
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string printable(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return result;
}

}  // namespace vecterm::cli
