// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/wording.h"

#include <doctest/doctest.h>

#include <vector>

using namespace vecterm;

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
