// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/located_words.h"

#include <xapian.h>

#include <algorithm>

#include "analyzers/segmenter.h"

namespace vecterm {
namespace {

// Scripts that are written without spaces begin here.
constexpr unsigned kFirstSpaceless = 0x0E00;

// Xapian's TermGenerator tells a word's position, but not its place in the text.
std::vector<std::string> words_in_order(std::string_view text) {
  Xapian::Document scratch;
  Xapian::TermGenerator generator;
  generator.set_document(scratch);
  generator.index_text(segmented(text));
  std::vector<std::pair<Xapian::termpos, std::string>> positions;
  for (auto term = scratch.termlist_begin(); term != scratch.termlist_end(); ++term)
    for (auto position = term.positionlist_begin(); position != term.positionlist_end(); ++position)
      positions.emplace_back(*position, *term);
  std::sort(positions.begin(), positions.end());
  std::vector<std::string> words;
  words.reserve(positions.size());
  for (auto& [position, term] : positions) words.push_back(std::move(term));
  return words;
}

// A character as it stands in terms.
unsigned folded(unsigned c) { return c == 0x2019 || c == 0x201B ? '\'' : Xapian::Unicode::tolower(c); }

// What words have in the text but not as terms: full stops of acronyms, soft hyphens and the like.
bool is_left_out(unsigned c) { return c == '.' || Xapian::Unicode::get_category(c) == Xapian::Unicode::FORMAT; }

// The end of `term` where the text has it at `at`, otherwise `at`.
Xapian::Utf8Iterator end_of(const std::string& term, const Xapian::Utf8Iterator& at) {
  const Xapian::Utf8Iterator end;
  Xapian::Utf8Iterator here = at;
  Xapian::Utf8Iterator wanted(term);
  while (wanted != end) {
    if (here == end) return at;
    if (folded(*here) == *wanted) {
      ++wanted;
    } else if (!is_left_out(*here)) {
      return at;
    }
    ++here;
  }
  return here;
}

bool may_begin(unsigned before, unsigned c) {
  using Xapian::Unicode::is_wordchar;
  return is_wordchar(c) && (!is_wordchar(before) || before >= kFirstSpaceless || c >= kFirstSpaceless);
}

}  // namespace

std::vector<LocatedWord> located_words(std::string_view text) {
  std::vector<LocatedWord> words;
  std::vector<std::string> terms = words_in_order(text);
  const auto offset = [&](const Xapian::Utf8Iterator& at) { return text.size() - at.left(); };
  unsigned before = ' ';
  for (Xapian::Utf8Iterator at(text.data(), text.size()); at != Xapian::Utf8Iterator();) {
    if (words.size() == terms.size()) break;
    std::string& term = terms[words.size()];
    const Xapian::Utf8Iterator end = may_begin(before, *at) ? end_of(term, at) : at;
    if (end != at) words.push_back({std::move(term), offset(at), offset(end)});
    do {
      before = *at;
      ++at;
    } while (at.left() > end.left());
  }
  return words;
}

}  // namespace vecterm
