// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/explain/located_words.h"

#include <algorithm>

#include "analyzers/text/segmenter.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

// Scripts that are written without spaces begin here.
constexpr unsigned kFirstSpaceless = 0x0E00;

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

std::vector<std::string> words_by_position(const Xapian::Document& document) {
  std::vector<std::pair<Xapian::termpos, std::string>> places;
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term) {
    const std::string word = *term;
    if (!schema::is_raw_term(word)) continue;
    for (auto place = term.positionlist_begin(); place != term.positionlist_end(); ++place)
      places.emplace_back(*place, word);
  }
  std::sort(places.begin(), places.end());
  std::vector<std::string> words;
  words.reserve(places.size());
  for (auto& [position, word] : places) words.push_back(std::move(word));
  return words;
}

// Xapian's TermGenerator tells a word's position, but not its place in the text.
std::vector<LocatedWord> located_words(std::string_view text) {
  Xapian::Document scratch;
  Xapian::TermGenerator generator;
  generator.set_document(scratch);
  generator.index_text(segmented(text));
  std::vector<std::string> terms = words_by_position(scratch);

  std::vector<LocatedWord> words;
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
