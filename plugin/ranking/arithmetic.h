// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "plugin/ranking/names.h"

/// What the operators and functions of ranking expressions do to doubles: IEEE 754 holds, NaN goes through every
/// function. Internal.
namespace vecterm {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

inline double smaller(double a, double b) {
  return std::isunordered(a, b) ? std::numeric_limits<double>::quiet_NaN() : std::min(a, b);
}

inline double larger(double a, double b) {
  return std::isunordered(a, b) ? std::numeric_limits<double>::quiet_NaN() : std::max(a, b);
}

inline double clamped(double x, double low, double high) { return smaller(larger(x, low), high); }

inline double reciprocal_ranks(double k, double rank_words, double rank_cosine) {
  return 1 / (k + rank_words) + 1 / (k + rank_cosine);
}

/// What a number from outside counts as: 0 where it is not finite.
inline double finite_ranking(double value) { return std::isfinite(value) ? value : 0; }

/// What the value of an expression counts as: 0 for NaN, the largest or lowest double for infinity.
inline double defined_ranking(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::isnan(value) ? 0 : std::clamp(value, -kLargest, kLargest);
}

/// use(f) with the function of one number that `operation` stands for; f is inlined there.
template <class Use>
auto with_unary(RankingOperation operation, const Use& use) {
  using enum RankingOperation;
  switch (operation) {
    case kNumber:
      return use([](double x) { return x; });
    case kNegate:
      return use([](double x) { return -x; });
    case kLog:
      return use([](double x) { return std::log(x); });
    case kExp:
      return use([](double x) { return std::exp(x); });
    case kSqrt:
      return use([](double x) { return std::sqrt(x); });
    case kAtan:
      return use([](double x) { return std::atan(x); });
    case kTanh:
      return use([](double x) { return std::tanh(x); });
    default:
      return use([](double x) { return std::fabs(x); });
  }
}

/// The same for comparisons, && and ||: 0 or 1 of two numbers.
template <class Use>
auto with_condition(RankingOperation operation, const Use& use) {
  using enum RankingOperation;
  switch (operation) {
    case kLess:
      return use([](double a, double b) -> double { return a < b; });
    case kLessEqual:
      return use([](double a, double b) -> double { return a <= b; });
    case kGreater:
      return use([](double a, double b) -> double { return a > b; });
    case kGreaterEqual:
      return use([](double a, double b) -> double { return a >= b; });
    case kEqual:
      return use([](double a, double b) -> double { return a == b; });
    case kNotEqual:
      return use([](double a, double b) -> double { return a != b; });
    case kAnd:
      return use([](double a, double b) -> double { return a != 0 && b != 0; });
    default:
      return use([](double a, double b) -> double { return a != 0 || b != 0; });
  }
}

/// The same for all functions of two numbers.
template <class Use>
auto with_binary(RankingOperation operation, const Use& use) {
  using enum RankingOperation;
  switch (operation) {
    case kAdd:
      return use([](double a, double b) { return a + b; });
    case kSubtract:
      return use([](double a, double b) { return a - b; });
    case kMultiply:
      return use([](double a, double b) { return a * b; });
    case kDivide:
      return use([](double a, double b) { return a / b; });
    case kPower:
      return use([](double a, double b) { return std::pow(a, b); });
    case kMin:
      return use([](double a, double b) { return smaller(a, b); });
    case kMax:
      return use([](double a, double b) { return larger(a, b); });
    default:
      return with_condition(operation, use);
  }
}

/// The same for functions of three numbers.
template <class Use>
auto with_ternary(RankingOperation operation, const Use& use) {
  using enum RankingOperation;
  switch (operation) {
    case kIf:
      return use([](double condition, double yes, double no) { return condition != 0 ? yes : no; });
    case kClamp:
      return use([](double x, double low, double high) { return clamped(x, low, high); });
    default:
      return use([](double k, double words, double cosine) { return reciprocal_ranks(k, words, cosine); });
  }
}

/// The same for the function of so many operands.
template <class Use>
auto with_function(RankingOperation operation, std::size_t operands, const Use& use) {
  if (operands == 2) return with_binary(operation, use);
  return operands == 1 ? with_unary(operation, use) : with_ternary(operation, use);
}

/// function(x(0), x(1), ...) of as many numbers as it takes.
template <class Function, class Numbers>
double call(Function function, const Numbers& x) {
  if constexpr (std::is_invocable_v<Function, double>)
    return function(x(0));
  else if constexpr (std::is_invocable_v<Function, double, double>)
    return function(x(0), x(1));
  else
    return function(x(0), x(1), x(2));
}

}  // namespace vecterm
