// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/ngrams.h"

#include <algorithm>
#include <map>

namespace vecterm {
namespace {

bool begins_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

bool has_space(std::string_view term) { return term.find(' ') != std::string_view::npos; }

}  // namespace

bool is_entry(std::string_view entry, NGramKinds kinds) {
  const NGram ngram = ngram_of(entry);
  if (!kinds.any() || ngram == NGram::kWord) return true;
  if (ngram == NGram::kPiece) return kinds.pieces && entry.size() > piece_entry("").size();
  if (ngram == NGram::kTrigram)
    return kinds.trigrams && std::ranges::count_if(entry, begins_code_point) == 4 && entry.rfind(' ') == 0;
  const auto [first, second] = words_of_bigram(entry);
  return kinds.bigrams && !second.empty() && !has_space(second);
}

std::string piece_entry(std::string_view piece) { return std::string(2, ' ').append(piece); }

std::string bigram_of(std::string_view first, std::string_view second) {
  return std::string(first).append(1, ' ').append(second);
}

BigramWords words_of_bigram(std::string_view bigram) {
  const std::size_t space = bigram.find(' ');
  return {bigram.substr(0, space), bigram.substr(space + 1)};
}

std::vector<std::string> trigrams_of(std::string_view word) {
  const std::string marked = std::string(1, '<').append(word).append(1, '>');
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < marked.size(); ++i)
    if (begins_code_point(marked[i])) starts.push_back(i);
  starts.push_back(marked.size());
  std::vector<std::string> trigrams;
  for (std::size_t i = 0; i + 3 < starts.size(); ++i)
    trigrams.push_back(std::string(1, ' ').append(marked, starts[i], starts[i + 3] - starts[i]));
  return trigrams;
}

TermList with_bigrams(const TermList& terms, std::vector<PlacedTerm> places) {
  std::ranges::sort(places, [](const PlacedTerm& a, const PlacedTerm& b) {
    return a.position != b.position ? a.position < b.position : a.term < b.term;
  });
  std::map<std::string, std::uint32_t> entries;
  for (const auto& [term, wdf] : terms)
    if (!has_space(term)) entries.emplace(term, wdf);
  std::size_t next = 0;  // the first place at a higher position
  for (std::size_t i = 0; i < places.size(); ++i) {
    while (next < places.size() && places[next].position <= places[i].position) ++next;
    for (std::size_t j = next; j < places.size() && places[j].position == places[i].position + 1; ++j) {
      const std::string& first = terms[places[i].term].term;
      const std::string& second = terms[places[j].term].term;
      if (!has_space(first) && !has_space(second)) ++entries[bigram_of(first, second)];
    }
  }
  TermList list;
  for (auto& [entry, count] : entries) list.push_back({entry, count});
  return list;
}

}  // namespace vecterm
