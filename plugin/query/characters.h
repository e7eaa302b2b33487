// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>

/// What the characters of a query are. Internal.
namespace vecterm {

/// A code point, or kEnd behind the last one.
using Code = std::int32_t;

inline constexpr Code kEnd = -1;
inline constexpr Code kReplacement = 0xFFFD;
inline constexpr Code kFullWidthQuote = 0xFF02;

inline bool is_blank(Code c) {
  return c >= 0 && (c <= ' ' || Xapian::Unicode::is_whitespace(static_cast<unsigned>(c)));
}
inline bool is_word(Code c) { return c >= 0 && Xapian::Unicode::is_wordchar(static_cast<unsigned>(c)); }
inline bool is_bracket(Code c) { return c == '(' || c == ')'; }
inline bool is_sign(Code c) { return c == '+' || c == '-'; }
/// ASCII, full-width tilde, wave dash.
inline bool is_tilde(Code c) { return c == '~' || c == 0xFF5E || c == 0x301C; }
/// < > = and the signs for at most and at least.
inline bool is_comparison(Code c) { return c == '<' || c == '>' || c == '=' || c == 0x2264 || c == 0x2265; }
/// What Xapian takes for a quote: ASCII and typographic ones.
inline bool is_quote(Code c) { return c == '"' || c == 0x201C || c == 0x201D; }
inline bool is_part_quote(Code c) { return is_quote(c) || c == kFullWidthQuote; }

/// Behind a sign, what leaves it without effect.
inline bool ends_sign(Code c) { return c == kEnd || is_blank(c) || is_sign(c); }
inline bool ends_run(Code c) { return c == kEnd || is_blank(c) || is_bracket(c); }

}  // namespace vecterm
