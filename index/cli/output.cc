// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm::cli {

namespace {

constexpr std::size_t kBufferBytes = 65536;

}  // namespace

void Output::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= kBufferBytes) flush();
}

void Output::line(std::string_view text) { write(printable(text) + '\n'); }

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

void Output::json(const Json& value) { write(json_line(value) + '\n'); }

void Output::table(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (const auto& [name, value] : rows) line(fmt::format("{:<{}}  {}", name, width, value));
}

void message(std::string_view text) {
  const std::string whole = fmt::format("vecterm: {}\n", printable(text));
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::string json_line(const Json& value) {
  const std::string text = value.text();
  if (printable(text) == text) return text;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::int32_t code = next_code_point(text, at);
    const std::string_view character = std::string_view(text).substr(begin, at - begin);
    line += printable(character) == character ? std::string(character) : fmt::format("\\u{:04x}", code);
  }
  return line;
}

void warn_of_learned(std::optional<double> share) {
  constexpr double kSeveral = 0.01;  // queries that were held out may be spelled like others
  if (share.value_or(0) < kSeveral) return;
  message(fmt::format(
      "warning: the dictionary was learned from {:.0f} % of the judged queries: figures by them say little of "
      "others; hold queries out of the pairs that are learned from, and judge by those",
      100 * *share));
}

}  // namespace vecterm::cli
