// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/wording.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace vecterm {
namespace {

constexpr std::size_t kQuotedBytes = 40;
constexpr std::string_view kReplacement = "\uFFFD";

// C0 and C1, the marks, embeddings, overrides and isolates of bidirectional text, and the separators of lines.
bool is_control(std::int32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"  // within ICU's macro
std::int32_t next_code_point(std::string_view text, std::size_t& position) {
  UChar32 c = 0;
  U8_NEXT(text.data(), position, text.size(), c);
  return c;
}
#pragma GCC diagnostic pop

std::string alternatives(std::span<const std::string> names) {
  const auto others = names.first(names.size() - 1);
  return others.empty() ? names.back() : fmt::format("{} or {}", fmt::join(others, ", "), names.back());
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const std::int32_t c = next_code_point(text, at);
    result += c < 0 ? kReplacement : is_control(c) ? " " : text.substr(begin, at - begin);
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return printable(text);
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
  std::size_t end = most;
  while (end > 0 && most - end < 3 && continues(text[end])) --end;
  return printable(text.substr(0, end)) + "...";
}

std::string in_quotes(std::string_view text) { return '"' + shortened(text, kQuotedBytes) + '"'; }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace vecterm
