// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "plugin/ranking_expression.h"
#include "tests/support/dictionary.h"

/// Made-up ranking expressions and hits.
namespace vecterm::test {

/// With the parameter `share`, the input `boost` and the slots 3 and 4.
inline RankingExpression ranking(const std::string& text) {
  static const std::vector<std::string> parameters{"share"};
  return RankingExpression::compile(text, parameters);
}

inline RankingQuery ranking_query() {
  RankingQuery query;
  query.saturation = 20;
  query.coverage = 0.75;
  query.words = 3;
  query.inputs["boost"] = 2;
  query.parameters["share"] = 0.25;
  return query;
}

inline double ranking_value(const std::string& text, const RankingHit& hit = {}) {
  return RankingEvaluator(ranking(text), ranking_query())(hit);
}

inline std::vector<double> ranking_scores(const std::string& text, const RankingCandidates& candidates) {
  std::vector<double> scores(candidates.size);
  ranking(text).evaluate(candidates, ranking_query(), scores);
  return scores;
}

/// A pointwise expression of some `depth`, over all operators and functions.
inline std::string random_ranking(Random& random, int depth) {
  if (depth == 0) {
    const std::vector<std::string> leaves{
        "bm25",     "cosine",       "distance", "closeness",  "doclength", "votes", "value(3)", "share", "value(4)",
        "coverage", "input(boost)", "words",    "saturation", "pi",        "0",     "0.5",      "3",     "1e3"};
    return leaves[random.below(leaves.size())];
  }
  const auto operand = [&] {
    return random_ranking(random, static_cast<int>(random.below(static_cast<std::size_t>(depth))));
  };
  const std::vector<std::string> binary{"+",  "-",  "*",  "/",  "^",  "<", "<=", ">",
                                        ">=", "==", "!=", "&&", "||", "+", "*"};
  const std::vector<std::string> unary{"log", "exp", "sqrt", "abs", "atan", "tanh", "-"};
  switch (random.below(6)) {
    case 0:
      return unary[random.below(unary.size())] + "(" + operand() + ")";
    case 1:
      return "if(" + operand() + "," + operand() + "," + operand() + ")";
    case 2:
      return std::string(random.below(2) == 0 ? "min" : "max") + "(" + operand() + "," + operand() + ")";
    case 3:
      return random.below(2) == 0 ? "clamp(" + operand() + "," + operand() + "," + operand() + ")"
                                  : operand() + " ? " + operand() + " : " + operand();
    default:
      return "(" + operand() + ")" + binary[random.below(binary.size())] + "(" + operand() + ")";
  }
}

/// Numbers such as nobody should index, among ordinary ones.
inline const std::vector<double>& odd_numbers() {
  using Limits = std::numeric_limits<double>;
  static const std::vector<double> numbers{0.0,
                                           -0.0,
                                           1,
                                           0.5,
                                           -3,
                                           7,
                                           2,
                                           1e6,
                                           -1e9,
                                           1e154,
                                           1e-310,
                                           Limits::max(),
                                           Limits::lowest(),
                                           Limits::min(),
                                           Limits::denorm_min(),
                                           Limits::infinity(),
                                           -Limits::infinity(),
                                           Limits::quiet_NaN()};
  return numbers;
}

/// Candidates with ties, zeros and rows without a vector.
inline RankingCandidates random_candidates(Random& random, std::size_t size) {
  RankingCandidates candidates;
  candidates.size = size;
  for (std::size_t i = 0; i < size; ++i) {
    candidates.bm25.push_back(random.below(4) == 0 ? 0 : static_cast<double>(random.below(12)));
    candidates.has_vector.push_back(random.below(5) != 0);
    candidates.cosine.push_back(candidates.has_vector.back() ? static_cast<double>(random.number()) : 0);
    candidates.votes.push_back(static_cast<double>(random.below(4)));
    candidates.doclength.push_back(static_cast<double>(random.below(300)));
    candidates.values[3].push_back(static_cast<double>(random.number()) * 10);
    candidates.values[4].push_back(static_cast<double>(random.below(3)));
  }
  return candidates;
}

/// Row `i`; `values` holds the numbers of the slots 3 and 4 as far as `expression` has them.
inline RankingHit hit_of(const RankingCandidates& candidates, const RankingExpression& expression, std::size_t i,
                         std::vector<double>& values) {
  values.clear();
  for (const Xapian::valueno slot : expression.slots()) values.push_back(candidates.values.at(slot)[i]);
  return {candidates.bm25[i], candidates.cosine[i], candidates.votes[i], candidates.doclength[i], values};
}

}  // namespace vecterm::test
