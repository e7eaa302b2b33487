// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/wording.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "analyzers/text/unicode.h"

using namespace vecterm;

namespace {

/// As the standard's table says, surrogates, too.
std::string encoded(std::int32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("alternatives are joined by commas, the last one by \"or\"") {
  const std::vector<std::string> names{"a", "b", "c"};
  CHECK(alternatives(std::span(names).first(1)) == "a");
  CHECK(alternatives(std::span(names).first(2)) == "a or b");
  CHECK(alternatives(names) == "a, b or c");
}

TEST_CASE("the edit distance counts insertions, deletions and replacements") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("cosine", "cosine") == 0);
  CHECK(edit_distance("cosine", "cosin") == 1);
  CHECK(edit_distance("cosine", "cossine") == 1);
  CHECK(edit_distance("cosine", "cosime") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 2);
}

TEST_CASE("the edit distance is the same both ways") {
  for (const char* a : {"", "train", "tune", "tune-rank"})
    for (const char* b : {"check", "eval", "retrain"}) CHECK(edit_distance(a, b) == edit_distance(b, a));
}

TEST_CASE("printable text has no character that steers a terminal or turns the direction of writing") {
  CHECK(printable("a\tb\nc\x1b[31m\x7f") == "a b c [31m ");
  CHECK(printable("caf\u00e9 \u4e2d\u6587 \U0001F600") == "caf\u00e9 \u4e2d\u6587 \U0001F600");
  CHECK(printable("\xc2\x9b"
                  "31m|\xc2\x80|\xc2\x9f|\xc2\xa0") == " 31m| | |\xc2\xa0");
  CHECK(printable("\u061c|\u200e|\u200f|\u202a|\u202e|\u2066|\u2069|\u2028|\u2029") == " | | | | | | | | ");
  CHECK(printable("\u2027\u202f\u2065\u206a") == "\u2027\u202f\u2065\u206a");
  CHECK(printable("a\x9b\xff") == "a\uFFFD\uFFFD");
}

TEST_CASE("input in messages is short and keeps its characters whole") {
  CHECK(in_quotes("word") == "\"word\"");
  CHECK(in_quotes(std::string(1000, 'a')) == '"' + std::string(40, 'a') + "...\"");
  CHECK(shortened("aa\u00e9b", 3) == "aa...");
  CHECK(shortened("aa\u00e9b", 4) == "aa\u00e9...");
  CHECK(shortened("aa\u00e9", 4) == "aa\u00e9");
  CHECK(shortened(std::string(8, '\x80'), 5).size() < 30);
}

TEST_CASE("every code point but surrogates is read from its bytes, and the position moves behind them") {
  std::size_t wrong = 0;
  for (std::int32_t c = 0; c <= 0x10FFFF; ++c) {
    const bool is_surrogate = c >= 0xD800 && c < 0xE000;
    const std::string text = "a" + encoded(c) + "b";
    std::size_t position = 1;
    const std::int32_t read = next_code_point(text, position);
    const bool is_right = is_surrogate ? read < 0 : read == c && position == text.size() - 1;
    wrong += is_right && unicode::is_valid_utf8(text) == !is_surrogate ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("bytes that are no UTF-8 are negative code points, and reading goes on behind them") {
  for (const char* part : {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe4\xb8", "\xf0\x9f\x98", "\xff"}) {
    CAPTURE(part);
    CHECK_FALSE(unicode::is_valid_utf8(part));
    const std::string text = std::string(part) + "b";
    std::size_t position = 0;
    CHECK(next_code_point(text, position) < 0);
    CHECK(position > 0);
    std::int32_t last = 0;
    while (position < text.size()) last = next_code_point(text, position);
    CHECK(last == 'b');
  }
  CHECK(unicode::is_valid_utf8(""));
}
