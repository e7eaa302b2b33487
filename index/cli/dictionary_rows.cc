// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/dictionary_rows.h"

#include <fmt/format.h>

namespace vecterm::cli {

void append_entries(const Dictionary& dictionary, std::string_view indent, Rows& rows) {
  const NGramCounts entries = dictionary.entries();
  const auto add = [&](std::string_view name, std::size_t count) {
    rows.emplace_back(fmt::format("{}{}", indent, name), fmt::format("{}", count));
  };
  add("words", entries.words);
  if (dictionary.ngrams().bigrams) add("bigrams", entries.bigrams);
  if (dictionary.ngrams().trigrams) add("trigrams", entries.trigrams);
  if (dictionary.ngrams().pieces) add("pieces", entries.pieces);
  if (dictionary.components() > 0) add("components", dictionary.components());
  if (dictionary.learned_queries().size > 0)
    rows.emplace_back(
        fmt::format("{}learned from", indent),
        fmt::format("{} queries, {} items", dictionary.learned_queries().size, dictionary.learned_items().size));
}

}  // namespace vecterm::cli
