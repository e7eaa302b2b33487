// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/columns.h"

#include <doctest/doctest.h>

#include <limits>

#include "analyzers/errors.h"
#include "tests/support/ranking.h"
#include "tests/support/text.h"

using namespace vecterm;

TEST_CASE("the column of a variable or slot has the values of the expression that is its name") {
  test::Random random(3);
  RankingCandidates candidates = test::random_candidates(random, 40);
  candidates.bm25[5] = std::numeric_limits<double>::infinity();
  candidates.cosine[6] = std::numeric_limits<double>::quiet_NaN();
  for (const RankingVariableName& variable : ranking_variables()) {
    CAPTURE(variable.name);
    CHECK(ranking_column(variable.variable, candidates, test::ranking_query()) ==
          test::ranking_scores(std::string(variable.name), candidates));
  }
  CHECK(ranking_column(3, candidates) == test::ranking_scores("value(3)", candidates));
  CHECK(ranking_column(8, candidates) == std::vector<double>(40));
  candidates.votes.clear();
  CHECK(ranking_column(RankingVariable::kVotes, candidates, {}) == std::vector<double>(40));
  candidates.doclength.pop_back();
  CHECK(test::message_of<InvalidArgument>([&] { ranking_column(RankingVariable::kDoclength, candidates, {}); }) ==
        "doclength must have 40 rows; had 39");
}

TEST_CASE("what is the same for all hits is one number, and misses an input even in a branch that is not taken") {
  const auto value = [](const std::string& text) {
    const std::vector<std::string> parameters{"share"};
    const RankingTree tree = parse_ranking(text, parameters, 100);
    REQUIRE(tree->of_query);
    return query_value(*tree, test::ranking_query());
  };
  CHECK(value("clamp(saturation/words, 0, share) + input(boost)^2") == 4.25);
  CHECK(value("if(words > 2, -share, 0)") == -0.25);
  CHECK(value("minmax(words)") == 0);
  CHECK(test::message_of<InvalidArgument>([&] { value("if(1, 2, input(none))"); }) ==
        "input 'none' of the ranking expression must be given; was not");
}
