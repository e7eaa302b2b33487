// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/enrichment/engagement_log.h"

#include <fmt/format.h>

#include <charconv>

#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/text/unicode.h"
#include "index/feeding/columns.h"

namespace vecterm {
namespace {

constexpr double kMostCount = 1e15;  // no sum of them, however they are weighed, comes near the end of a double

double count_from(std::string_view text, const std::string& where) {
  double count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || !(count >= 0 && count <= kMostCount))
    throw DataError(
        fmt::format("{}: the count must be a number in [0, {:g}]; was {}", where, kMostCount, in_quotes(text)));
  return count;
}

}  // namespace

void EngagementLog::add(std::string_view line, const std::string& where) {
  const auto columns = columns_of(line);
  if (columns.size() != 4)
    throw DataError(
        fmt::format("{}: 4 columns are needed (query, item, action, count); has {}", where, columns.size()));
  if (columns[0].empty() || columns[1].empty())
    throw DataError(fmt::format("{}: the {} is empty", where, columns[0].empty() ? "query" : "item"));
  if (!unicode::is_valid_utf8(columns[0])) throw DataError(where + ": the query is no UTF-8");
  const auto weight = weights_.find(columns[2]);
  if (weight == weights_.end())
    throw DataError(
        fmt::format("{}: the action {} has no weight: give it one; 0 leaves it out", where, in_quotes(columns[2])));
  const double score = weight->second * count_from(columns[3], where);
  Item& item = items_[std::string(columns[1])];
  item.scores[&*queries_.emplace(columns[0]).first] += score;
  ++item.lines;
  ++lines_;
  ++unknown_lines_;
}

void EngagementLog::read(const std::string& path, ThrottledProgress& progress) {
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (!line.empty()) add(line, lines.where());
    progress([&] { return Progress{"reading", lines.progress(), fmt::format("{}, {} lines", path, lines_)}; });
  }
}

const EngagementLog::Scores* EngagementLog::find(const std::string& item) {
  const auto found = items_.find(item);
  if (found == items_.end()) return nullptr;
  if (!found->second.met) unknown_lines_ -= found->second.lines;
  found->second.met = true;
  return &found->second.scores;
}

}  // namespace vecterm
