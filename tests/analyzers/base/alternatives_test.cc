// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/alternatives.h"

#include <doctest/doctest.h>

#include <vector>

using namespace vecterm;

TEST_CASE("alternatives are joined by commas, the last one by \"or\"") {
  const std::vector<std::string> names{"a", "b", "c"};
  CHECK(alternatives(std::span(names).first(1)) == "a");
  CHECK(alternatives(std::span(names).first(2)) == "a or b");
  CHECK(alternatives(names) == "a, b or c");
}
