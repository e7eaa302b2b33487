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
