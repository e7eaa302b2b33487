// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/version.h"
#include "plugin/ranking_features.h"

/// The words of ranking expressions, in tables. Internal.
namespace vecterm {

enum class RankingOperation {
  // Leaves.
  kNumber,
  kVariable,
  kValue,
  kInput,
  kParameter,
  // Operators.
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kAnd,
  kOr,
  // Functions.
  kIf,
  kMin,
  kMax,
  kClamp,
  kLog,
  kExp,
  kSqrt,
  kAbs,
  kAtan,
  kTanh,
  kMinmax,
  kRrf,
};

enum class RankingScope { kHit, kCandidates, kQuery };

struct RankingVariableName {
  std::string_view name;
  RankingVariable variable;
  RankingScope scope;                          ///< what its value follows from
  std::optional<RankingVariable> source = {};  ///< the column that it is computed from, where that is another's
  double RankingQuery::*constant = nullptr;    ///< of the scope kQuery
};

struct RankingFunctionName {
  std::string_view name;
  RankingOperation operation;
  std::size_t arguments;
  std::string_view usage;
};

struct RankingOperatorName {
  std::string_view symbol;
  RankingOperation operation;
  int precedence;  ///< larger binds closer
};

inline constexpr int kComparisonPrecedence = 3;

VECTERM_INTERNAL_API std::span<const RankingVariableName> ranking_variables();
const RankingVariableName& name_of(RankingVariable variable);
/// The entry of a name or symbol, or null.
const RankingVariableName* ranking_variable(std::string_view name);
const RankingFunctionName* ranking_function(std::string_view name);
/// Binary operators but ^.
const RankingOperatorName* ranking_operator(std::string_view symbol);
std::string_view symbol_of(RankingOperation operation);
std::string_view function_of(RankingOperation operation);

/// "; did you mean 'cosine'?", or where no name is near, "; there are bm25, ...".
std::string ranking_suggestion(std::string_view unknown, std::span<const std::string> parameters);

/// @throws InvalidArgument always: the expression needs all candidates where there is one hit
[[noreturn]] void refuse_candidates(std::string_view expression);

/// Whether `name` is letters, digits and _, not beginning with a digit.
bool is_ranking_identifier(std::string_view name);

}  // namespace vecterm
