// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/text/segmenter.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cstdint>

#include "analyzers/base/wording.h"
#include "analyzers/text/unicode.h"

namespace vecterm {
namespace {

// What a character is for the placing of spaces: nothing that stands in words, a letter or digit of a script with
// spaces, or one of the scripts without. A run is a maximal sequence of one kind.
enum class Kind : std::uint8_t { kGap, kSpaced, kCjk, kThai, kLao, kKhmer, kMyanmar };

constexpr UChar32 kFirstSpaceless = 0x0E00;
constexpr UChar32 kZeroWidthSpace = 0x200B;

bool is_spaceless(Kind kind) { return kind > Kind::kSpaced; }

Kind kind_of_script(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
      return Kind::kCjk;
    case USCRIPT_THAI:
      return Kind::kThai;
    case USCRIPT_LAO:
      return Kind::kLao;
    case USCRIPT_KHMER:
      return Kind::kKhmer;
    case USCRIPT_MYANMAR:
      return Kind::kMyanmar;
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
      // Such as the prolonged sound mark, which Hiragana and Katakana share.
      return uscript_hasScript(c, USCRIPT_KATAKANA) || uscript_hasScript(c, USCRIPT_HAN) ? Kind::kCjk : Kind::kSpaced;
    default:
      return Kind::kSpaced;
  }
}

Kind kind_of(UChar32 c) {
  // Xapian drops it and joins the words on its sides; beside a run it must be set off.
  if (c == kZeroWidthSpace) return Kind::kSpaced;
  if ((U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_PC_MASK)) == 0) return Kind::kGap;
  return c < kFirstSpaceless ? Kind::kSpaced : kind_of_script(c);
}

// Marks and joiners belong to the character before them.
bool continues_run(UChar32 c) {
  return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0 || c == 0x200C || c == 0x200D || c == 0x2060;
}

// Most texts need nothing done: valid UTF-8, NFC, no script without spaces.
bool is_plain(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  const auto first = std::find_if_not(text.begin(), text.end(), is_ascii);
  const std::size_t size = text.size();
  auto i = static_cast<std::size_t>(first - text.begin());
  if (i == size) return true;
  while (i < size) {
    const UChar32 c = next_code_point(text, i);
    if (c < 0 || (c >= kFirstSpaceless && is_spaceless(kind_of(c)))) return false;
  }
  return unicode::is_nfc(text);
}

std::int32_t run_end(const icu::UnicodeString& text, std::int32_t begin, Kind kind) {
  std::int32_t end = text.moveIndex32(begin, 1);
  while (end < text.length()) {
    const UChar32 c = text.char32At(end);
    const bool belongs = kind != Kind::kGap && continues_run(c);
    if (!belongs && kind_of(c) != kind) break;
    end = text.moveIndex32(end, 1);
  }
  return end;
}

// Only the run itself is shown to ICU, so the same run gets the same words wherever it stands.
void append_words(icu::UnicodeString& out, std::u16string_view run) {
  std::int32_t begin = 0;
  for (const std::int32_t end : unicode::word_ends(run)) {
    if (begin > 0) out.append(u' ');
    out.append(run.data() + begin, end - begin);
    begin = end;
  }
}

icu::UnicodeString with_spaces(const icu::UnicodeString& text) {
  icu::UnicodeString out(text.length() + text.length() / 2, 0, 0);
  const std::u16string_view units(text.getBuffer(), static_cast<std::size_t>(text.length()));
  Kind before = Kind::kGap;
  for (std::int32_t begin = 0; begin < text.length();) {
    const Kind kind = kind_of(text.char32At(begin));
    const std::int32_t end = run_end(text, begin, kind);
    const auto run = units.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    if (kind != Kind::kGap && before != Kind::kGap) out.append(u' ');
    if (is_spaceless(kind)) {
      append_words(out, run);
    } else {
      out.append(run.data(), end - begin);
    }
    before = kind;
    begin = end;
  }
  return out;
}

}  // namespace

std::string segmented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view piece = unicode::take_piece(text);
    if (is_plain(piece)) {
      out.append(piece);
    } else {
      with_spaces(unicode::to_nfc(unicode::from_utf8(piece))).toUTF8String(out);
    }
  }
  return out;
}

}  // namespace vecterm
