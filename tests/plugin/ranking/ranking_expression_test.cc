// SPDX-License-Identifier: GPL-2.0-or-later
// Tests bounds.cc, separation.cc, syntax.cc, tokens.cc, names.cc and check.cc, too.
#include "plugin/ranking_expression.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <thread>

#include "analyzers/errors.h"
#include "tests/support/ranking.h"
#include "tests/support/text.h"

using namespace vecterm;
using test::ranking;
using test::ranking_scores;
using test::ranking_value;

namespace {

constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string refusal(const std::string& text) {
  return test::message_of<InvalidArgument>([&] { ranking(text); });
}

std::string repeated(const std::string& part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

RankingCandidates four_rows() {
  RankingCandidates candidates;
  candidates.size = 4;
  candidates.bm25 = {3, 0, 5, 3};
  candidates.cosine = {0.5, 0.9, 0, 0.5};
  candidates.has_vector = {1, 1, 0, 1};
  candidates.votes = {1, 2, 0, 4};
  candidates.doclength = {10, 20, 30, 40};
  candidates.values[7] = {-1, 0, 1, 2};
  return candidates;
}

using Row = std::vector<double>;

}  // namespace

TEST_CASE("an expression has the usual operators in the usual order") {
  const std::vector<std::pair<std::string, double>> cases{{"1 + 2 * 3", 7},
                                                          {"(1 + 2) * 3", 9},
                                                          {"8 / 4 / 2", 1},
                                                          {"8 - 4 - 2", 2},
                                                          {"2 ^ 3 ^ 2", 512},
                                                          {"-2 ^ 2", -4},
                                                          {"2 ^ -1", 0.5},
                                                          {"- - 3 - +3", 0},
                                                          {"1 < 2", 1},
                                                          {"2 <= 1", 0},
                                                          {"2 > 1 && 1 >= 1", 1},
                                                          {"1 == 2 || 1 != 2", 1},
                                                          {"1 || 0 && 0", 1},
                                                          {"3 + 4 == 7", 1},
                                                          {"1 ? 2 : 0 ? 3 : 4", 2},
                                                          {"0 ? 2 : 0 ? 3 : 4", 4},
                                                          {"5 && -2", 1},
                                                          {"1.5e1 + .5 + 5.", 20.5},
                                                          {"0.1 + 0.2 == 0.30000000000000004", 1},
                                                          {"if(1 > 2, 5, 6)", 6},
                                                          {"min(2, -3)", -3},
                                                          {"max(2, -3)", 2},
                                                          {"clamp(5, 0, 1)", 1},
                                                          {"clamp(5, 1, 0)", 0},
                                                          {"log(exp(2))", 2},
                                                          {"sqrt(9) + abs(-2)", 5},
                                                          {"4 * atan(1) == pi", 1},
                                                          {"tanh(0)", 0},
                                                          {"\t1\n+\r1 ", 2},
                                                          {"1e308 * 10 / 10", kLargest}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(ranking_value(text) == expected);
  }
}

TEST_CASE("an expression reads the features of a hit and the constants of the query") {
  const std::vector<double> values{4, 7};
  const RankingHit hit{.bm25 = 10, .cosine = 0.5, .votes = 3, .doclength = 120, .values = values};
  const std::vector<std::pair<std::string, double>> cases{{"bm25", 10},
                                                          {"cosine", 0.5},
                                                          {"distance", 0.5},
                                                          {"closeness", 1 / 1.5},
                                                          {"votes", 3},
                                                          {"doclength", 120},
                                                          {"saturation", 20},
                                                          {"coverage", 0.75},
                                                          {"words", 3},
                                                          {"share", 0.25},
                                                          {"input(boost)", 2},
                                                          {"value(3) + 10 * value(4)", 74},
                                                          {"bm25/saturation + share*cosine", 0.625}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(ranking_value(text, hit) == expected);
  }
  CHECK(ranking_value("value(3) + value(4)") == 0);
}

TEST_CASE("ranks count from 1 by falling value, ties by row; what has no value is last for good") {
  RankingCandidates candidates = four_rows();
  CHECK(ranking_scores("if(rank_words < 1e9, rank_words, -1)", candidates) == Row{2, -1, 1, 3});
  CHECK(ranking_scores("if(rank_cosine < 1e9, rank_cosine, -1)", candidates) == Row{2, 1, -1, 3});
  CHECK(ranking_scores("rank_words", candidates) == Row{2, kLargest, 1, 3});
  CHECK(ranking_scores("rrf(60)", candidates) == Row{1 / 62.0 + 1 / 62.0, 1 / 61.0, 1 / 61.0, 1 / 63.0 + 1 / 63.0});
  CHECK(ranking_scores("max_bm25 + max_cosine", candidates) == Row{5.9, 5.9, 5.9, 5.9});
  candidates.bm25 = {0, 0, 0, 0};
  CHECK(ranking_scores("bm25/max_bm25 + 1", candidates) == Row{1, 1, 1, 1});
}

TEST_CASE("the largest values are those of candidates that have one") {
  RankingCandidates candidates = four_rows();
  candidates.cosine = {-0.5, -0.25, 0.75, -1};
  CHECK(ranking_scores("max_cosine", candidates) == Row(4, -0.25));
  candidates.has_vector = {0, 0, 0, 0};
  CHECK(ranking_scores("max_cosine", candidates) == Row(4, 0));
  CHECK(ranking_scores("cosine", candidates) == Row(4, 0));
}

TEST_CASE("minmax spreads any expression over 0 to 1, and gives 0 where all are equal") {
  const RankingCandidates candidates = four_rows();
  CHECK(ranking_scores("minmax(bm25)", candidates) == Row{0.6, 0, 1, 0.6});
  CHECK(ranking_scores("minmax(value(7) * 5 - 1) * 3", candidates) == Row{0, 1, 2, 3});
  CHECK(ranking_scores("minmax(bm25) + input(boost)*minmax(cosine)", candidates)[1] == 2);
  CHECK(ranking_scores("minmax(words)", candidates) == Row(4, 0));
  CHECK(ranking_scores("minmax(clamp(value(7), -1, 1) * 1.7e308)", candidates) == Row{0, 0.5, 1, 1});
  CHECK(ranking_scores("minmax(if(bm25 > 4, log(-1), bm25))", candidates) == Row{1, 0, 0, 1});
  CHECK(ranking_scores("minmax(bm25)", RankingCandidates()).empty());
}

TEST_CASE("values are finite: nothing that is not a number, and no infinity, gets in or out") {
  CHECK(ranking_value("sqrt(-1)") == 0);
  CHECK(ranking_value("0 / 0") == 0);
  CHECK(ranking_value("1 / 0") == kLargest);
  CHECK(ranking_value("log(0)") == -kLargest);
  CHECK(ranking_value("1 / (1 / 0)") == 0);
  for (const std::string nan :
       {"max(1, 0/0)", "max(0/0, 1)", "min(1, 0/0)", "min(0/0, 1)", "clamp(0/0, 1, 2)", "clamp(5, 0/0, 2)"})
    CHECK(ranking_value(nan) == 0);
  const std::vector<double> values{kInfinity};
  CHECK(ranking_value("1 + bm25 + cosine + votes + doclength + value(3)",
                      {.bm25 = kNaN, .cosine = kInfinity, .votes = -kInfinity, .doclength = kNaN, .values = values}) ==
        1);
  RankingCandidates candidates = four_rows();
  candidates.bm25[2] = kNaN;
  candidates.cosine[0] = kInfinity;
  CHECK(ranking_scores("if(rank_words < 9, rank_words, 0)", candidates) == Row{1, 0, 0, 2});
  CHECK(ranking_scores("cosine", candidates) == Row{0, 0.9, 0, 0.5});
}

TEST_CASE("a text that cannot be used says where, and what may have been meant") {
  CHECK(refusal("cosin + 1") == "expression: unknown name 'cosin' at 1; did you mean 'cosine'?");
  CHECK(refusal("bm52") == "expression: unknown name 'bm52' at 1; did you mean 'bm25'?");
  CHECK(refusal("1 + shar") == "expression: unknown name 'shar' at 5; did you mean 'share'?");
  CHECK(refusal("minmx(bm25)") == "expression: unknown name 'minmx' at 1; did you mean 'minmax'?");
  CHECK(refusal("popularity")
            .starts_with("expression: unknown name 'popularity' at 1; there are share, bm25, cosine, distance, "));
  CHECK(refusal("popularity").ends_with("tanh(x), minmax(x), rrf(k)"));
  CHECK(refusal("clamp(1, 2)") == "expression: clamp at 1 needs 3 arguments, clamp(x, low, high); had 2");
  CHECK(refusal("log()") == "expression: log at 1 needs 1 argument, log(x); had 0");
  CHECK(refusal("bm25 = 3") == "expression: = at 6 would assign; == compares");
  CHECK(refusal("1, 2") == "expression: ',' at 2 is outside of a call");
  CHECK(refusal("(1 + 2") == "expression: '(' at 1 is not closed");
  CHECK(refusal("max(1, 2") == "expression: '(' at 4 is not closed");
  CHECK(refusal("1 + 2)") == "expression: ')' at 6 closes nothing");
  CHECK(refusal(" ") == "expression: must not be empty");
  CHECK(refusal("1e999") == "expression: the number 1e999 at 1 is out of the range of a double");
  CHECK(refusal("value(1.5)") == "expression: value at 1 needs a slot, a whole number in [0, 4294967294]; had '1.5'");
  CHECK(refusal("value(4294967295)").ends_with("had '4294967295'"));
  CHECK(refusal("input(3)") == "expression: input at 1 needs a name, input(name); had '3'");
  CHECK(refusal("minmax(1 + minmax(bm25))") == "expression: minmax at 12 stands within another");
  CHECK(refusal("2 * log") == "expression: 'log' at 5 is a function: log(x)");
  CHECK(refusal("bm25(3)") == "expression: 'bm25' at 1 is no function and takes no brackets");
  CHECK(refusal("2 $ 3") == "expression: '$' at 3 has no meaning here");
  CHECK(refusal("2 × 3 ÷") == "expression: the character U+00D7 at 3 has no meaning here");
  CHECK(refusal("\xff") == "expression: the byte 0xFF at 1 has no meaning here");
  CHECK(refusal(std::string("1\0", 2)) == "expression: the character U+0000 at 2 has no meaning here");
  CHECK(refusal("2x") == "expression: an operator is missing before 'x' at 2");
  CHECK(refusal("1 +") == "expression: a number, a name or '(' is missing at 4; found the end");
  CHECK(refusal("1 * / 2") == "expression: a number, a name or '(' is missing at 5; found '/'");
  CHECK(refusal("1 < 2 < 3") == "expression: '<' at 7 compares a comparison; join two by &&");
  CHECK(refusal("1 & 0") == "expression: '&' at 3 stands alone; did you mean '&&'?");
  CHECK(refusal("1 ? 2") == "expression: '?' at 3 has no ':' after it");
  CHECK(refusal("1 : 2") == "expression: ':' at 3 has no '?' before it");
}

TEST_CASE("a parameter is an identifier that means nothing else") {
  const auto message = [](const std::string& name) {
    return test::message_of<InvalidArgument>([&] {
      RankingExpression::compile("1", std::vector<std::string>{"share", name});
    });
  };
  for (const std::string name : {"bm25", "log", "pi", "input"})
    CHECK(message(name) == "parameter must not have a name that expressions know; was '" + name + "'");
  for (const std::string name : {"", "2x", "a b", "ü"})
    CHECK(message(name) == "parameter must be letters, digits and _, not beginning with a digit; was '" + name + "'");
  CHECK(RankingExpression::compile("_x9 + 1", std::vector<std::string>{"_x9"}).parameters() ==
        std::vector<std::string>{"_x9"});
}

TEST_CASE(
    "texts of up to 4096 bytes, 100 levels deep, compile, whatever they are made of; longer and deeper ones do not") {
  const std::size_t deep = RankingExpression::kMaxNesting;
  CHECK(ranking_value(repeated("(", deep) + "5" + repeated(")", deep)) == 5);
  CHECK(ranking_value(repeated("-", deep) + "5") == 5);
  CHECK(ranking_value("1" + repeated("^1", deep)) == 1);
  for (const std::string& text : {repeated("(", deep + 1) + "5" + repeated(")", deep + 1),
                                  repeated("-", deep + 1) + "5", "1" + repeated("^1", deep + 1),
                                  repeated("abs(", deep + 1) + "5" + repeated(")", deep + 1), repeated("(", 4096)})
    CHECK(refusal(text).starts_with("expression: must nest at most 100 deep; went deeper at "));
  CHECK(ranking_value("1" + repeated("+1", 2047)) == 2048);
  CHECK(ranking_value(repeated("share+", 682) + "1") == 171.5);
  CHECK(ranking_value(repeated("abs(-1)+", 511) + "1") == 512);
  CHECK(ranking_scores(repeated("rrf(0)+", 580) + "0", four_rows()).size() == 4);
  CHECK(ranking_value("0" + repeated("?1:0", 100)) == 0);
  std::string numbers = "0";
  for (int i = 1000; i < 1800; ++i) numbers += "+" + std::to_string(i);
  CHECK(ranking_value(numbers) == 800 * 1399.5);
  CHECK(refusal(repeated(" ", 4096) + "1") == "expression: must have at most 4096 bytes; had 4097");
}

TEST_CASE("every beginning of a text compiles or is refused") {
  const std::string text =
      "if(cosine >= 0.4, bm25^2, -0.5e1) + log(1 + value(3))/minmax(a) - input(boost) ? rrf(60) : pi";
  std::size_t compiled = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    try {
      RankingExpression::compile(text.substr(0, size), std::vector<std::string>{"a"});
      ++compiled;
    } catch (const InvalidArgument& error) {
      CHECK(std::string(error.what()).starts_with("expression: "));
    }
  }
  CHECK(compiled == 7);
}

TEST_CASE("an expression says what it reads, through other variables too") {
  const RankingExpression expression =
      ranking("rrf(60) + value(9) * value(3) * value(9) + share + input(b) * input(a)");
  using enum RankingVariable;
  for (const RankingVariable variable : {kBm25, kCosine, kRankWords, kRankCosine}) CHECK(expression.uses(variable));
  for (const RankingVariable variable : {kVotes, kDoclength, kDistance, kSaturation})
    CHECK_FALSE(expression.uses(variable));
  CHECK(expression.slots() == std::vector<Xapian::valueno>{3, 9});
  CHECK(expression.inputs() == std::vector<std::string>{"a", "b"});
  CHECK(expression.parameters() == std::vector<std::string>{"share"});
  CHECK_FALSE(expression.is_pointwise());
  CHECK(ranking("closeness").uses(kCosine));
  CHECK(ranking("max_bm25").uses(kBm25));
  CHECK(ranking("closeness + bm25").is_pointwise());
  CHECK_FALSE(ranking("minmax(1)").is_pointwise());
  CHECK(ranking("minmax(cosine)").uses(kCosine));
  CHECK(ranking(" bm25 ").text() == " bm25 ");
}

TEST_CASE("what an evaluation lacks is named") {
  std::vector<double> scores(4);
  const auto message = [&](const std::string& text, const RankingCandidates& candidates, const RankingQuery& query) {
    return test::message_of<InvalidArgument>([&] { ranking(text).evaluate(candidates, query, scores); });
  };
  RankingCandidates candidates = four_rows();
  CHECK(message("input(boost)", candidates, {}) == "input 'boost' of the ranking expression must be given; was not");
  CHECK(message("share", candidates, {}) == "parameter 'share' of the ranking expression must be given; was not");
  candidates.bm25.resize(3);
  CHECK(message("rank_words", candidates, {}) == "bm25 must have 4 rows; had 3");
  candidates.values[7].clear();
  CHECK(ranking_scores("value(7) + value(8)", candidates) == Row(4, 0));
  candidates.values[7].resize(9);
  CHECK(message("value(7)", candidates, {}) == "value(7) must have 4 rows; had 9");
  candidates.has_vector.resize(5);
  CHECK(message("1", candidates, {}) == "has_vector must have 4 rows; had 5");
  scores.resize(2);
  CHECK(message("1", candidates, {}) == "scores must have 4 rows; had 2");
  CHECK(test::message_of<InvalidArgument>([] {
          RankingEvaluator(ranking("rrf(60)"), {});
        }).starts_with("expression must not use ranks, rrf, minmax, max_bm25 or max_cosine here"));
}

TEST_CASE("columns and single hits give the same bits") {
  const bool holds = rc::check([](std::uint64_t seed) {
    test::Random random(seed);
    const RankingCandidates candidates = test::random_candidates(random, 20);
    const std::string text = test::random_ranking(random, 5);
    const std::vector<double> scores = ranking_scores(text, candidates);
    const RankingExpression expression = ranking(text);
    RankingEvaluator evaluator(expression, test::ranking_query());
    std::vector<double> values;
    for (std::size_t i = 0; i < candidates.size; ++i) {
      RC_ASSERT(std::isfinite(scores[i]));
      RC_ASSERT(evaluator(test::hit_of(candidates, expression, i, values)) == scores[i]);
    }
  });
  CHECK(holds);
}

TEST_CASE("threads that share an expression do not see each other, and evaluation starts none") {
  const auto threads = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
  };
  const auto before = threads();
  const RankingExpression expression = ranking("minmax(bm25) + rrf(60) + cosine * value(3)");
  test::Random random(1);
  std::vector<RankingCandidates> candidates;
  std::vector<std::vector<double>> alone;
  for (std::size_t i = 0; i < 4; ++i) {
    candidates.push_back(test::random_candidates(random, 50 + i));
    alone.push_back(ranking_scores(expression.text(), candidates.back()));
  }
  CHECK(threads() == before);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < 4; ++i)
    running.emplace_back([&, i] {
      std::vector<double> scores(candidates[i].size);
      for (int round = 0; round < 200; ++round) {
        RankingExpression(expression).evaluate(candidates[i], test::ranking_query(), scores);
        wrong[i] += scores != alone[i];
      }
    });
  for (std::thread& thread : running) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("an expression that is linear in bm25 falls into a factor and a rest") {
  const auto parts = [](const std::string& text) {
    const auto separated = ranking(text).separated();
    return separated ? separated->words_factor.text() + " | " + separated->rest.text() : std::string("none");
  };
  CHECK(parts("bm25") == "1 | 0");
  CHECK(parts("cosine + 1") == "0 | (cosine+1)");
  CHECK(parts("bm25/saturation + share*cosine") == "(1/saturation) | (share*cosine)");
  CHECK(parts("3 - (bm25 + cosine)*input(boost)") == "(-(1*input(boost))) | (3-(cosine*input(boost)))");
  CHECK(parts("if(words > 2, bm25, cosine)") == "((words>2)?1:0) | ((words>2)?0:cosine)");
  CHECK(parts("-bm25 - value(3)") == "(-1) | (-value(3))");
  CHECK(parts("(bm25 + closeness) / doclength") == "none");
  for (const std::string text :
       {"bm25*cosine", "bm25*bm25", "atan(bm25)", "bm25 + votes", "bm25 + rank_cosine", "bm25 + minmax(cosine)",
        "rrf(60)", "bm25 + max_cosine", "max_bm25*bm25", "1/bm25", "if(cosine > 0, bm25, 0)", "bm25^1", "bm25 > 1"})
    CHECK(parts(text) == "none");
}

TEST_CASE("factor and rest add up to the expression wherever they are defined") {
  const bool holds = rc::check([](std::uint64_t seed) {
    test::Random random(seed);
    const std::vector<std::string> wholes{"{c}*bm25 + {r}", "({r} - bm25)/({c}+9)", "if({c} > 1, bm25, {r}) - {r}",
                                          "-(bm25 + {r})*{c}", "{r} + {c}*({r} + ({c} - bm25))"};
    std::string text = wholes[random.below(wholes.size())];
    const auto fill = [&](const std::string& mark, const std::vector<std::string>& parts) {
      for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
        text.replace(at, mark.size(), parts[random.below(parts.size())]);
    };
    fill("{c}", {"share", "saturation", "(words - 1)", "input(boost)", "log(coverage)"});
    fill("{r}", {"cosine", "closeness", "value(3)", "sqrt(doclength)", "2^value(4)", "share", "if(cosine>0,1,2)"});
    const auto separated = ranking(text).separated();
    RC_ASSERT(separated.has_value());
    RankingRanges ranges;
    ranges.doclength = {0, 300};
    ranges.values = {{3, {-10, 10}}, {4, {0, 2}}};
    RC_ASSERT(separated->rest.bounds(test::ranking_query(), ranges).defined);
    const RankingCandidates candidates = test::random_candidates(random, 10);
    const double factor = RankingEvaluator(separated->words_factor, test::ranking_query())({});
    const std::vector<double> whole = ranking_scores(text, candidates);
    std::vector<double> rest(candidates.size);
    separated->rest.evaluate(candidates, test::ranking_query(), rest);
    for (std::size_t i = 0; i < rest.size(); ++i)
      RC_ASSERT(std::fabs(factor * candidates.bm25[i] + rest[i] - whole[i]) <= 1e-9 * (1 + std::fabs(whole[i])));
  });
  CHECK(holds);
}

TEST_CASE("the value of a hit lies within the bounds, whatever the expression") {
  const bool holds = rc::check([](std::uint64_t seed) {
    test::Random random(seed);
    const RankingExpression expression = ranking(test::random_ranking(random, 6));
    const RankingCandidates candidates = test::random_candidates(random, 20);
    RankingRanges ranges;
    const auto range = [](const std::vector<double>& column) {
      return RankingRange{std::ranges::min(column), std::ranges::max(column)};
    };
    ranges.bm25 = range(candidates.bm25);
    ranges.cosine = range(candidates.cosine);
    ranges.doclength = range(candidates.doclength);
    for (const auto& [slot, column] : candidates.values)
      if (random.below(2) == 0) ranges.values[slot] = range(column);
    const RankingBounds bounds = expression.bounds(test::ranking_query(), ranges);
    RC_LOG(expression.text());
    for (const double score : ranking_scores(expression.text(), candidates)) {
      const double slack = 1e-9 * std::fabs(score);
      RC_ASSERT(bounds.low - slack <= score);
      RC_ASSERT(score <= bounds.high + slack);
    }
  });
  CHECK(holds);
}

TEST_CASE("bounds are exact where each variable occurs once") {
  RankingRanges ranges;
  ranges.bm25 = {1, 9};
  ranges.doclength = {4, 16};
  ranges.values[3] = {-2, 3};
  const auto check = [&](const std::string& text, double low, double high, bool defined = true) {
    CAPTURE(text);
    const RankingBounds bounds = ranking(text).bounds(test::ranking_query(), ranges);
    CHECK(bounds.low == low);
    CHECK(bounds.high == high);
    CHECK(bounds.defined == defined);
  };
  check("bm25", 1, 9);
  check("distance", 0, 2);
  check("closeness", 1 / 3.0, 1);
  check("bm25/saturation + share*cosine", 1 / 20.0 - 0.25, 9 / 20.0 + 0.25);
  check("-bm25 * value(3)", -27, 18);
  check("sqrt(doclength) - log(bm25)", 2 - std::log(9), 4);
  check("value(3)^2", 0, 9);
  check("value(3)^3", -8, 27);
  check("2^value(3)", 0.25, 8);
  check("abs(value(3))", 0, 3);
  check("clamp(value(3), -1, 1) + min(bm25, 5) + max(doclength, 5)", -1 + 1 + 5, 1 + 5 + 16);
  check("if(bm25 > 0, cosine, 100)", -1, 1);
  check("if(cosine >= 0.4, bm25, 0)", 0, 9);
  check("bm25 > 9 || doclength < 4", 0, 0);
  check("doclength/bm25", 4 / 9.0, 16);
  check("1/value(3)", -kLargest, kLargest);
  check("log(value(3))", -kLargest, std::log(3), false);
  check("sqrt(value(3))", 0, std::sqrt(3), false);
  check("value(4)", -kLargest, kLargest);
  CHECK_THROWS_AS(ranking("rank_words").bounds(test::ranking_query(), ranges), InvalidArgument);
}
