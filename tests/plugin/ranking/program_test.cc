// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/program.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

#include "plugin/ranking_expression.h"
#include "tests/support/ranking.h"

using namespace vecterm;

namespace {

using enum RankingOperation;
using Limits = std::numeric_limits<double>;

double finite(double x) { return std::isfinite(x) ? x : 0; }
double defined(double x) { return std::isnan(x) ? 0 : std::isinf(x) ? std::copysign(Limits::max(), x) : x; }

/// Evaluates a tree row by row as its definition says, sharing nothing with the program.
class Naive {
 public:
  Naive(const RankingCandidates& candidates, const RankingQuery& query) : rows_(candidates), query_(query) {}

  double value(const RankingNode& node, std::size_t row) const {
    if (node.operation == kMinmax) return spread(*node.operands[0], row);
    if (node.is_leaf()) return leaf(node, row);
    const double a = value(*node.operands[0], row);
    if (node.operation == kIf) return value(*node.operands[a == 0 ? 2 : 1], row);
    if (node.operands.size() == 1) return unary(node.operation, a);
    const double b = value(*node.operands[1], row);
    if (node.operands.size() == 2) return binary(node.operation, a, b);
    const double c = value(*node.operands[2], row);
    return node.operation == kRrf ? 1 / (a + b) + 1 / (a + c) : binary(kMin, binary(kMax, a, b), c);
  }

 private:
  static double unary(RankingOperation operation, double x) {
    switch (operation) {
      case kNegate:
        return -x;
      case kLog:
        return std::log(x);
      case kExp:
        return std::exp(x);
      case kSqrt:
        return std::sqrt(x);
      case kAbs:
        return std::fabs(x);
      case kAtan:
        return std::atan(x);
      default:
        return std::tanh(x);
    }
  }

  static double binary(RankingOperation operation, double a, double b) {
    switch (operation) {
      case kAdd:
        return a + b;
      case kSubtract:
        return a - b;
      case kMultiply:
        return a * b;
      case kDivide:
        return a / b;
      case kPower:
        return std::pow(a, b);
      case kMin:
        return std::isnan(a + b) && (std::isnan(a) || std::isnan(b)) ? Limits::quiet_NaN() : b < a ? b : a;
      case kMax:
        return std::isnan(a + b) && (std::isnan(a) || std::isnan(b)) ? Limits::quiet_NaN() : a < b ? b : a;
      default:
        return holds(operation, a, b) ? 1 : 0;
    }
  }

  static bool holds(RankingOperation operation, double a, double b) {
    switch (operation) {
      case kLess:
        return a < b;
      case kLessEqual:
        return a <= b;
      case kGreater:
        return a > b;
      case kGreaterEqual:
        return a >= b;
      case kEqual:
        return a == b;
      case kNotEqual:
        return a != b;
      case kAnd:
        return a != 0 && b != 0;
      default:
        return a != 0 || b != 0;
    }
  }

  double leaf(const RankingNode& node, std::size_t row) const {
    if (node.operation == kNumber) return node.number;
    if (node.operation == kInput) return finite(query_.inputs.at(node.name));
    if (node.operation == kParameter) return finite(query_.parameters.at(node.name));
    if (node.operation == kValue) return finite(rows_.values.at(node.slot)[row]);
    return variable(node.variable, row);
  }

  double cosine(std::size_t row) const { return rows_.has_vector[row] != 0 ? finite(rows_.cosine[row]) : 0; }

  double variable(RankingVariable variable, std::size_t row) const {
    switch (variable) {
      case RankingVariable::kBm25:
        return finite(rows_.bm25[row]);
      case RankingVariable::kCosine:
        return cosine(row);
      case RankingVariable::kDistance:
        return 1 - cosine(row);
      case RankingVariable::kCloseness:
        return 1 / (1 + (1 - cosine(row)));
      case RankingVariable::kVotes:
        return finite(rows_.votes[row]);
      case RankingVariable::kDoclength:
        return finite(rows_.doclength[row]);
      case RankingVariable::kSaturation:
        return query_.saturation;
      case RankingVariable::kCoverage:
        return query_.coverage;
      case RankingVariable::kWords:
        return query_.words;
      default:
        return of_all(variable, row);
    }
  }

  double of_all(RankingVariable variable, std::size_t row) const {
    const bool words = variable == RankingVariable::kRankWords || variable == RankingVariable::kMaxBm25;
    const auto of = [&](std::size_t i) { return words ? finite(rows_.bm25[i]) : cosine(i); };
    const bool ranks = variable == RankingVariable::kRankWords || variable == RankingVariable::kRankCosine;
    const auto counts = [&](std::size_t i) { return words ? !ranks || of(i) != 0 : rows_.has_vector[i] != 0; };
    double largest = words ? Limits::min() : -Limits::infinity();
    std::size_t before = 0;
    for (std::size_t i = 0; i < rows_.size; ++i) {
      if (!counts(i)) continue;
      largest = std::max(largest, of(i));
      before += of(i) > of(row) || (of(i) == of(row) && i < row) ? 1 : 0;
    }
    if (!ranks) return finite(largest);
    return counts(row) ? static_cast<double>(before + 1) : Limits::infinity();
  }

  double spread(const RankingNode& node, std::size_t row) const {
    double low = Limits::infinity();
    double high = -low;
    for (std::size_t i = 0; i < rows_.size; ++i) {
      low = std::min(low, defined(value(node, i)));
      high = std::max(high, defined(value(node, i)));
    }
    const double x = defined(value(node, row));
    if (low == high) return 0;
    return std::isinf(high - low) ? (x / 2 - low / 2) / (high / 2 - low / 2) : (x - low) / (high - low);
  }

  const RankingCandidates& rows_;
  const RankingQuery& query_;
};

// In part such as nobody should index, in part ordinary.
RankingCandidates odd_candidates(test::Random& random, std::size_t size) {
  const std::vector<double>& odd = test::odd_numbers();
  RankingCandidates candidates = test::random_candidates(random, size);
  for (auto* column : {&candidates.bm25, &candidates.cosine, &candidates.votes, &candidates.doclength,
                       &candidates.values[3], &candidates.values[4]})
    for (double& x : *column)
      if (random.below(3) == 0) x = odd[random.below(odd.size())];
  return candidates;
}

std::string over_candidates(test::Random& random, int depth) {
  const auto part = [&] { return "(" + test::random_ranking(random, depth) + ")"; };
  switch (random.below(6)) {
    case 0:
      return "minmax" + part() + " - " + part();
    case 1:
      return "rrf" + part() + " * " + part();
    case 2:
      return "if(" + part() + ", minmax" + part() + ", rank_words + " + part() + ")";
    case 3:
      return "max(max_bm25, " + part() + ") / (max_cosine + " + part() + ") ^ rank_cosine";
    default:
      return part();
  }
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

void check_bits(const std::string& text, const RankingCandidates& candidates) {
  const RankingQuery query = test::ranking_query();
  const std::vector<std::string> parameters{"share"};
  const RankingTree tree = parse_ranking(text, parameters, RankingExpression::kMaxNesting);
  const std::vector<double> scores = test::ranking_scores(text, candidates);
  for (std::size_t i = 0; i < candidates.size; ++i)
    RC_ASSERT(same_bits(scores[i], defined(Naive(candidates, query).value(*tree, i))));
  const RankingExpression expression = test::ranking(text);
  if (!expression.is_pointwise()) return;
  RankingEvaluator evaluator(expression, query);
  std::vector<double> values;
  for (std::size_t i = 0; i < candidates.size; ++i) {
    RankingHit hit = test::hit_of(candidates, expression, i, values);
    if (candidates.has_vector[i] == 0) hit.cosine = 0;
    RC_ASSERT(same_bits(scores[i], evaluator(hit)));
  }
}

}  // namespace

TEST_CASE("a program gives every row, in columns and alone, the value of its tree to the last bit") {
  const bool holds = rc::check([](std::uint64_t seed) {
    test::Random random(seed);
    for (int round = 0; round < 10; ++round) {
      const std::string text = over_candidates(random, 1 + static_cast<int>(random.below(6)));
      RC_LOG(text);
      const bool many = random.below(8) == 0;
      const RankingCandidates candidates =
          odd_candidates(random, many ? 100 + random.below(200) : 1 + random.below(20));
      check_bits(text, candidates);
    }
  });
  CHECK(holds);
}

TEST_CASE("each row takes its own choices, however they nest and wherever a block of rows ends") {
  for (const std::size_t size : {1U, 3U, 4U, 127U, 128U, 129U, 300U}) {
    RankingCandidates candidates;
    candidates.size = size;
    std::vector<double> expected;
    for (std::size_t i = 0; i < size; ++i) {
      const auto x = static_cast<double>(i % 7);
      const auto y = static_cast<double>(i % 5);
      candidates.bm25.push_back(x);
      candidates.votes.push_back(y);
      const double first = y > 2 ? (x == 4 ? x + y : x * y) : -y;
      expected.push_back(10 + (x > 3 ? first : y != 0 ? 100 * x / y : 7));
    }
    CHECK(test::ranking_scores("10 + if(bm25 > 3, if(votes > 2, if(bm25 == 4, bm25 + votes, bm25*votes), -votes), "
                               "votes ? 100*bm25/votes : 7)",
                               candidates) == expected);
  }
}

TEST_CASE("what is the same for all hits is one operand, and what a text repeats is read once") {
  const auto operands = [](const std::string& text) {
    const std::vector<std::string> parameters{"share"};
    std::vector<std::string> printed;
    const RankingProgram program(parse_ranking(text, parameters, 100));
    for (const RankingProgram::Operand& operand : program.operands()) printed.push_back(print_ranking(operand.node));
    return printed;
  };
  using Texts = std::vector<std::string>;
  CHECK(operands("share*clamp(1 - sqrt(dimensions), 0, 1)*cosine + cosine*2") ==
        Texts{"(share*clamp((1-sqrt(dimensions)),0,1))", "cosine", "2"});
  CHECK(operands("rrf(60) + minmax(bm25 + 1)/minmax(bm25 + 1)") ==
        Texts{"60", "rank_words", "rank_cosine", "minmax((bm25+1))"});
  CHECK(operands("if(words > 2, 1, 0)") == Texts{"((words>2)?1:0)"});
  CHECK(RankingProgram(parse_ranking("bm25 + 1 + 2 + 3 + 4 + 5", {}, 100)).places() == 7);
}
