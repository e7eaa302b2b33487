// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a ranking expression: refused by InvalidArgument, or evaluated to finite numbers within its bounds.
#include <algorithm>
#include <cmath>

#include "plugin/ranking_expression.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/ranking.h"

using namespace vecterm;
using fuzz::require;

namespace {

const std::vector<std::string> kParameters{"share", "a"};

// Column `shift` of the odd numbers: each number meets each other one in some row.
std::vector<double> column(std::size_t shift) {
  std::vector<double> rows = test::odd_numbers();
  std::rotate(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shift % rows.size()), rows.end());
  return rows;
}

RankingCandidates candidates_of(const RankingExpression& expression) {
  RankingCandidates candidates;
  candidates.size = test::odd_numbers().size();
  candidates.bm25 = column(0);
  candidates.cosine = column(1);
  candidates.votes = column(2);
  candidates.doclength = column(4);
  for (std::size_t i = 0; i < candidates.size; ++i) candidates.has_vector.push_back(i % 5 != 0);
  for (const Xapian::valueno slot : expression.slots()) candidates.values[slot] = column(5 + slot % 8);
  return candidates;
}

RankingQuery query_of(const RankingExpression& expression, std::size_t turn) {
  const std::vector<double> numbers = column(turn);
  RankingQuery query{
      .saturation = numbers[0], .coverage = numbers[1], .words = numbers[2], .inputs = {}, .parameters = {}};
  for (const std::string& name : expression.inputs()) query.inputs[name] = numbers[3];
  for (const std::string& name : expression.parameters()) query.parameters[name] = numbers[4];
  return query;
}

double finite(double x) { return std::isfinite(x) ? x : 0; }
RankingRange at(double x) { return {finite(x), finite(x)}; }
RankingRange around(double x) { return {std::min(0.0, finite(x)), std::max(1.0, finite(x))}; }

RankingRanges ranges_of(const RankingExpression& expression, const RankingHit& hit, RankingRange (*range)(double)) {
  RankingRanges ranges{range(hit.bm25), range(hit.cosine), range(hit.votes), range(hit.doclength), {}};
  for (std::size_t i = 0; i < expression.slots().size(); ++i)
    ranges.values[expression.slots()[i]] = range(hit.values[i]);
  return ranges;
}

void check_hits(const RankingExpression& expression, const RankingCandidates& candidates, const RankingQuery& query,
                const std::vector<double>& scores) {
  RankingEvaluator evaluator(expression, query);
  for (std::size_t i = 0; i < candidates.size; ++i) {
    std::vector<double> values;
    for (const Xapian::valueno slot : expression.slots()) values.push_back(candidates.values.at(slot)[i]);
    const double cosine = candidates.has_vector[i] != 0 ? candidates.cosine[i] : 0;
    const RankingHit hit{candidates.bm25[i], cosine, candidates.votes[i], candidates.doclength[i], values};
    require(evaluator(hit) == scores[i]);
    for (const auto range : {at, around}) {
      const RankingBounds bounds = expression.bounds(query, ranges_of(expression, hit, range));
      const double slack = 1e-9 * std::fabs(scores[i]);
      require(bounds.low - slack <= scores[i] && scores[i] <= bounds.high + slack);
    }
  }
}

void check(const RankingExpression& expression) {
  const RankingCandidates candidates = candidates_of(expression);
  std::vector<double> scores(candidates.size);
  for (const std::size_t turn : {2U, 5U, 12U}) {
    const RankingQuery query = query_of(expression, turn);
    expression.evaluate(candidates, query, scores);
    require(std::ranges::all_of(scores, [](double score) { return std::isfinite(score); }));
    if (expression.is_pointwise()) check_hits(expression, candidates, query, scores);
  }
}

void feed_expression(std::string_view text) {
  const RankingExpression expression = RankingExpression::compile(text, kParameters);
  check(expression);
  if (const auto separated = expression.separated()) {
    check(separated->words_factor);
    check(separated->rest);
  }
}

std::vector<std::string> expression_seeds() { return {"bm25/saturation + share*cosine"}; }

const fuzz::Registered kExpression("expression", feed_expression, expression_seeds);

}  // namespace
