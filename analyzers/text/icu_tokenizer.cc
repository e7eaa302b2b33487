// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/icu_tokenizer.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analyzers/text/ngrams.h"
#include "analyzers/text/segmenter.h"
#include "analyzers/text/unicode.h"

namespace vecterm {
namespace {

constexpr std::size_t kMaxWordBytes = 64;

bool has_letter_or_digit(const icu::UnicodeString& word) {
  for (std::int32_t i = 0; i < word.length(); i = word.moveIndex32(i, 1))
    if ((U_GET_GC_MASK(word.char32At(i)) & (U_GC_L_MASK | U_GC_N_MASK)) != 0) return true;
  return false;
}

void append_words(std::string_view text, std::vector<std::string>& words) {
  icu::UnicodeString folded = unicode::from_utf8(text).foldCase();
  folded = unicode::to_nfc(folded);  // folding can leave a letter and its accent apart
  std::int32_t begin = 0;
  for (const std::int32_t end : unicode::word_ends({folded.getBuffer(), static_cast<std::size_t>(folded.length())})) {
    const icu::UnicodeString piece = folded.tempSubStringBetween(begin, end);
    begin = end;
    if (!has_letter_or_digit(piece)) continue;
    std::string word;
    piece.toUTF8String(word);
    if (word.size() <= kMaxWordBytes) words.push_back(std::move(word));
  }
}

struct PlacedWord {
  std::string word;
  std::uint32_t position;
  std::uint32_t weight;
};

TermList counted(std::vector<PlacedWord> words, bool bigrams) {
  std::ranges::stable_sort(words, {}, &PlacedWord::word);
  TermList terms;
  std::vector<PlacedTerm> places;
  for (PlacedWord& word : words) {
    if (terms.empty() || terms.back().term != word.word) terms.push_back({std::move(word.word), 0});
    terms.back().wdf += word.weight;
    places.push_back({word.position, static_cast<std::uint32_t>(terms.size() - 1)});
  }
  return bigrams ? with_bigrams(terms, std::move(places)) : terms;
}

}  // namespace

TermList IcuTokenizer::terms(std::span<const TextField> fields) const {
  std::vector<PlacedWord> words;
  std::uint32_t position = 0;
  for (const TextField& field : fields) {
    const std::string text = segmented(field.text);
    std::vector<std::string> pieces;
    for (std::string_view rest = text; !rest.empty();) append_words(unicode::take_piece(rest), pieces);
    for (std::string& piece : pieces) words.push_back({std::move(piece), ++position, field.weight});
    ++position;
  }
  return counted(std::move(words), bigrams_);
}

}  // namespace vecterm
