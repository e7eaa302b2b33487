// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/corpus_stream.h"

#include <algorithm>
#include <filesystem>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"

namespace vecterm {

std::string Cursor::to_json() const { return Json{{"lines", lines}, {"checksum", to_hex(checksum)}}.exact_text(); }

CorpusStream::CorpusStream(const std::vector<std::string>& paths) {
  if (paths.empty()) throw InvalidArgument("corpora: there must be at least one");
  if (std::ranges::count(paths, "-") > 1) throw InvalidArgument("corpora: standard input (\"-\") is there twice");
  for (const std::string& path : paths) readers_.emplace_back(path);
}

bool CorpusStream::next(std::string_view& line) {
  while (!readers_[current_].next(line)) {
    if (current_ + 1 == readers_.size()) return false;
    ++current_;
  }
  checksum_.add(line);
  checksum_.add("\n");
  ++cursor_.lines;
  cursor_.checksum = checksum_.value();
  return true;
}

double CorpusStream::progress() const {
  return (static_cast<double>(current_) + readers_[current_].progress()) / static_cast<double>(readers_.size());
}

bool is_rereadable(const std::string& path) {
  std::error_code ignored;  // reading it says what is wrong
  return path != "-" && std::filesystem::is_regular_file(path, ignored);
}

std::optional<std::uint64_t> skip_to(CorpusStream& stream, const std::string& cursor) {
  const auto document = JsonDocument::parsed(cursor);
  const auto told = document ? document->root().find("lines") : std::nullopt;
  if (!told || !told->is_whole_number()) return std::nullopt;
  const std::uint64_t lines = told->whole_number();
  std::uint64_t documents = 0;
  std::string_view line;
  while (stream.cursor().lines < lines && stream.next(line)) documents += line.empty() ? 0 : 1;
  if (stream.cursor().to_json() != cursor) return std::nullopt;
  return documents;
}

}  // namespace vecterm
