// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/enrichment/board_titles.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/text/unicode.h"
#include "index/feeding/columns.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {

void BoardTitles::add(std::string_view line, const std::string& where) {
  const auto columns = columns_of(line);
  if (columns.size() != 2)
    throw DataError(fmt::format("{}: 2 columns are needed (item, board title); has {}", where, columns.size()));
  if (columns[0].empty()) throw DataError(where + ": the item is empty");
  if (!unicode::is_valid_utf8(columns[1])) throw DataError(where + ": the title is no UTF-8");
  const auto [title, is_new] = titles_.try_emplace(std::string(columns[1]));
  if (is_new)
    for (TermCount& word : XapianTokenizer().Tokenizer::terms(columns[1]))
      title->second.words.push_back(std::move(word.term));
  Item& item = items_[std::string(columns[0])];
  if (item.titles.insert(&*title).second) {
    ++title->second.items;
    for (const std::string& word : title->second.words)
      if (item.words.insert(word).second) ++word_items_[word];
  }
  ++item.lines;
  ++lines_;
  ++unknown_lines_;
}

void BoardTitles::read(const std::string& path, ThrottledProgress& progress) {
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (!line.empty()) add(line, lines.where());
    progress([&] { return Progress{"reading", lines.progress(), fmt::format("{}, {} lines", path, lines_)}; });
  }
}

double BoardTitles::prevalence(const Title& title) const {
  double items = 0;
  for (const std::string& word : title.words) items += static_cast<double>(word_items_.at(word));
  return static_cast<double>(title.items) * items / static_cast<double>(title.words.size());
}

std::vector<std::string> BoardTitles::best(const std::string& id, std::size_t most) {
  Item& item = items_.at(id);
  if (!item.met) unknown_lines_ -= item.lines;
  item.met = true;
  std::vector<const TitleEntry*> order;
  for (const TitleEntry* title : item.titles)
    if (!title->second.words.empty()) order.push_back(title);
  const auto rank = [this](const TitleEntry* entry) {
    const auto& [text, title] = *entry;
    return std::tuple(prevalence(title), -static_cast<double>(title.words.size()), -static_cast<double>(text.size()),
                      std::string_view(text));
  };
  std::ranges::sort(order, {}, rank);
  std::vector<std::string> best;
  std::unordered_set<std::string_view> told;
  for (const auto* entry : order) {
    if (best.size() == most) break;
    const auto& [text, title] = *entry;
    const std::size_t before = told.size();
    told.insert(title.words.begin(), title.words.end());
    if (told.size() > before) best.push_back(text);
  }
  return best;
}

}  // namespace vecterm
