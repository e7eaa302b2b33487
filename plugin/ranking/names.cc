// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

using enum RankingOperation;
using enum RankingVariable;
using enum RankingScope;

constexpr auto kVariables = std::to_array<RankingVariableName>({
    {"bm25", kBm25, kHit},
    {"cosine", kCosine, kHit},
    {"distance", kDistance, kHit, kCosine},
    {"closeness", kCloseness, kHit, kCosine},
    {"votes", kVotes, kHit},
    {"doclength", kDoclength, kHit},
    {"rank_words", kRankWords, kCandidates, kBm25},
    {"rank_cosine", kRankCosine, kCandidates, kCosine},
    {"max_bm25", kMaxBm25, kCandidates, kBm25},
    {"max_cosine", kMaxCosine, kCandidates, kCosine},
    {"saturation", kSaturation, kQuery, {}, &RankingQuery::saturation},
    {"coverage", kCoverage, kQuery, {}, &RankingQuery::coverage},
    {"words", kWords, kQuery, {}, &RankingQuery::words},
    {"asked", kAsked, kQuery, {}, &RankingQuery::asked},
    {"mean_cosine", kMeanCosine, kQuery, {}, &RankingQuery::mean_cosine},
    {"dimensions", kDimensions, kQuery, {}, &RankingQuery::dimensions},
});

constexpr auto kFunctions = std::to_array<RankingFunctionName>({
    {"value", kValue, 1, "value(slot)"},
    {"input", kInput, 1, "input(name)"},
    {"if", kIf, 3, "if(condition, a, b)"},
    {"min", kMin, 2, "min(a, b)"},
    {"max", kMax, 2, "max(a, b)"},
    {"clamp", kClamp, 3, "clamp(x, low, high)"},
    {"log", kLog, 1, "log(x)"},
    {"exp", kExp, 1, "exp(x)"},
    {"sqrt", kSqrt, 1, "sqrt(x)"},
    {"abs", kAbs, 1, "abs(x)"},
    {"atan", kAtan, 1, "atan(x)"},
    {"tanh", kTanh, 1, "tanh(x)"},
    {"minmax", kMinmax, 1, "minmax(x)"},
    {"rrf", kRrf, 1, "rrf(k)"},
});

constexpr auto kOperators = std::to_array<RankingOperatorName>({
    {"||", kOr, 1},
    {"&&", kAnd, 2},
    {"<", kLess, kComparisonPrecedence},
    {"<=", kLessEqual, kComparisonPrecedence},
    {">", kGreater, kComparisonPrecedence},
    {">=", kGreaterEqual, kComparisonPrecedence},
    {"==", kEqual, kComparisonPrecedence},
    {"!=", kNotEqual, kComparisonPrecedence},
    {"+", kAdd, 4},
    {"-", kSubtract, 4},
    {"*", kMultiply, 5},
    {"/", kDivide, 5},
});

template <typename Table, typename Member>
auto entry(const Table& table, Member member, const auto& wanted) {
  const auto found = std::ranges::find(table, wanted, member);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::span<const RankingVariableName> ranking_variables() { return kVariables; }

const RankingVariableName& name_of(RankingVariable variable) {
  return *entry(kVariables, &RankingVariableName::variable, variable);
}

const RankingVariableName* ranking_variable(std::string_view name) {
  return entry(kVariables, &RankingVariableName::name, name);
}

const RankingFunctionName* ranking_function(std::string_view name) {
  return entry(kFunctions, &RankingFunctionName::name, name);
}

const RankingOperatorName* ranking_operator(std::string_view symbol) {
  return entry(kOperators, &RankingOperatorName::symbol, symbol);
}

std::string_view symbol_of(RankingOperation operation) {
  return operation == kPower ? "^" : entry(kOperators, &RankingOperatorName::operation, operation)->symbol;
}

std::string_view function_of(RankingOperation operation) {
  return entry(kFunctions, &RankingFunctionName::operation, operation)->name;
}

std::string ranking_suggestion(std::string_view unknown, std::span<const std::string> parameters) {
  std::vector<std::string_view> names(parameters.begin(), parameters.end());
  for (const RankingVariableName& variable : kVariables) names.push_back(variable.name);
  names.push_back("pi");
  const auto variables = names.size();
  for (const RankingFunctionName& function : kFunctions) names.push_back(function.name);
  const auto distance = [&](std::string_view name) { return edit_distance(unknown, name); };
  const std::string_view nearest = *std::ranges::min_element(names, {}, distance);
  // At most half of the letters wrong, else any name is as near to a short one.
  if (2 * distance(nearest) <= std::max(unknown.size(), nearest.size()))
    return fmt::format("; did you mean '{}'?", nearest);
  for (std::size_t i = variables; i < names.size(); ++i) names[i] = kFunctions[i - variables].usage;
  return fmt::format("; there are {}", fmt::join(names, ", "));
}

void refuse_candidates(std::string_view expression) {
  throw InvalidArgument(
      fmt::format("expression must not use ranks, rrf, minmax, max_bm25 or max_cosine here, which need all "
                  "candidates; was '{}'",
                  expression));
}

bool is_ranking_identifier(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, is_inner);
}

}  // namespace vecterm
