// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/word_list.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "analyzers/base/byte_reader.h"
#include "analyzers/base/line_reader.h"

namespace vecterm {
namespace {

// A list of words could begin with a brace, but hardly with one and a quotation mark.
bool is_json(std::string_view start) {
  if (!start.starts_with('{')) return false;
  const std::size_t next = start.find_first_not_of(" \t\r\n", 1);
  return next != std::string_view::npos && start[next] == '"';
}

std::string whole(ByteReader& bytes) {
  while (bytes.read_more()) {
  }
  return std::string(bytes.buffered());
}

}  // namespace

std::string WordList::where(std::size_t word) const { return fmt::format("{}, line {}", name, word + 1); }

WordList read_word_list(const std::string& path) {
  ByteReader bytes(path);
  WordList list{bytes.name(), {}};
  LineReader lines(std::move(bytes));
  for (std::string_view line; lines.next(line);) list.words.emplace_back(line);
  return list;
}

std::optional<std::string> tokenizer_text(const std::string& path) {
  ByteReader bytes(path);
  if (!is_json(bytes.peek(64))) return std::nullopt;
  return whole(bytes);
}

}  // namespace vecterm
