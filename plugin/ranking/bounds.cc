// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/bounds.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "plugin/ranking/arithmetic.h"
#include "plugin/ranking/columns.h"

namespace vecterm {
namespace {

using enum RankingOperation;

// The numbers from low to high, infinities included, and NaN where `nan` says so.
struct Interval {
  double low;
  double high;
  bool nan = false;

  bool holds(double x) const { return low <= x && x <= high; }
  bool holds_infinity() const { return std::isinf(low) || std::isinf(high); }
};

constexpr Interval kAnything{-kInfinity, kInfinity, true};
constexpr Interval kTruth{0, 1};

Interval point(double x) { return {x, x}; }

// The least interval with all of these ends; an end that is NaN says nothing of where values lie.
Interval hull(std::initializer_list<double> ends, bool nan) {
  if (std::ranges::any_of(ends, [](double x) { return std::isnan(x); })) return kAnything;
  return {std::min(ends), std::max(ends), nan};
}

Interval joined(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high), a.nan || b.nan};
}

Interval negated(const Interval& a) { return {-a.high, -a.low, a.nan}; }

// Opposite infinities are NaN.
Interval sum(const Interval& a, const Interval& b) {
  const bool nan = (a.holds(kInfinity) && b.holds(-kInfinity)) || (a.holds(-kInfinity) && b.holds(kInfinity));
  return nan ? kAnything : Interval{a.low + b.low, a.high + b.high, a.nan || b.nan};
}

// 0 times infinity is NaN; for the ends, where infinity bounds finite numbers too, it is 0.
Interval product(const Interval& a, const Interval& b) {
  const auto times = [](double x, double y) { return x == 0 || y == 0 ? 0 : x * y; };
  const bool nan = (a.holds(0) && b.holds_infinity()) || (b.holds(0) && a.holds_infinity());
  return hull({times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)},
              a.nan || b.nan || nan);
}

// Zero has a sign, so dividing by it may give either infinity.
Interval quotient(const Interval& a, const Interval& b) {
  if (b.holds(0)) return {-kInfinity, kInfinity, a.nan || b.nan || a.holds(0)};
  return hull({a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high}, a.nan || b.nan);
}

Interval absolute(const Interval& a) {
  const double far = std::max(std::fabs(a.low), std::fabs(a.high));
  return {a.holds(0) ? 0 : std::min(std::fabs(a.low), std::fabs(a.high)), far, a.nan};
}

// For a base of at least 0 the power rises or falls along each of its arguments.
Interval power_of_positive(const Interval& a, const Interval& b) {
  return hull({std::pow(a.low, b.low), std::pow(a.low, b.high), std::pow(a.high, b.low), std::pow(a.high, b.high)},
              a.nan || b.nan);
}

Interval power(const Interval& a, const Interval& b) {
  // pow(NaN, 0) and pow(1, NaN) are 1.
  if (a.nan || b.nan) return kAnything;
  const bool integer = b.low == b.high && std::isfinite(b.low) && std::trunc(b.low) == b.low;
  if (a.low > 0 || (a.low == 0 && b.low >= 0)) return power_of_positive(a, b);
  if (integer && std::fmod(b.low, 2) == 0) return power_of_positive(absolute(a), b);
  if (integer && (b.low > 0 || !a.holds(0))) return hull({std::pow(a.low, b.low), std::pow(a.high, b.low)}, false);
  const double far = power_of_positive(absolute(a), b).high;
  return {-far, far, !integer};
}

Interval rising(const Interval& a, double (*function)(double)) { return {function(a.low), function(a.high), a.nan}; }

// Of a function whose arguments begin at 0.
Interval rising_from_zero(const Interval& a, double (*function)(double)) {
  return {function(std::max(a.low, 0.0)), function(std::max(a.high, 0.0)), a.nan || a.low < 0};
}

Interval smaller(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::min(a.high, b.high), a.nan || b.nan};
}

Interval larger(const Interval& a, const Interval& b) {
  return {std::max(a.low, b.low), std::max(a.high, b.high), a.nan || b.nan};
}

Interval truth(bool surely, bool surely_not) { return surely ? point(1) : surely_not ? point(0) : kTruth; }

Interval comparison(RankingOperation operation, const Interval& a, const Interval& b) {
  if (a.nan || b.nan) return kTruth;
  const bool apart = a.high < b.low || b.high < a.low;
  const bool same = a.low == a.high && b.low == b.high && a.low == b.low;
  switch (operation) {
    case kLess:
      return truth(a.high < b.low, a.low >= b.high);
    case kLessEqual:
      return truth(a.high <= b.low, a.low > b.high);
    case kGreater:
      return truth(a.low > b.high, a.high <= b.low);
    case kGreaterEqual:
      return truth(a.low >= b.high, a.high < b.low);
    case kEqual:
      return truth(same, apart);
    default:
      return truth(apart, same);
  }
}

bool surely_true(const Interval& a) { return !a.holds(0); }
bool surely_false(const Interval& a) { return a.low == 0 && a.high == 0 && !a.nan; }

Interval choice(const Interval& condition, const Interval& yes, const Interval& no) {
  if (surely_true(condition)) return yes;
  return surely_false(condition) ? no : joined(yes, no);
}

class Bounder {
 public:
  Bounder(const RankingQuery& query, const RankingRanges& ranges) : query_(query), ranges_(ranges) {}

  Interval of(const RankingNode& node) const {
    if (node.is_leaf()) return leaf(node);
    const Interval a = of(*node.operands[0]);
    if (node.operands.size() == 1) return unary(node.operation, a);
    const Interval b = of(*node.operands[1]);
    if (node.operands.size() == 2) return binary(node.operation, a, b);
    const Interval c = of(*node.operands[2]);
    return node.operation == kIf ? choice(a, b, c) : smaller(larger(a, b), c);
  }

 private:
  static Interval unary(RankingOperation operation, const Interval& a) {
    switch (operation) {
      case kNegate:
        return negated(a);
      case kLog:
        return rising_from_zero(a, std::log);
      case kSqrt:
        return rising_from_zero(a, std::sqrt);
      case kExp:
        return rising(a, std::exp);
      case kAtan:
        return rising(a, std::atan);
      case kTanh:
        return rising(a, std::tanh);
      default:
        return absolute(a);
    }
  }

  static Interval binary(RankingOperation operation, const Interval& a, const Interval& b) {
    switch (operation) {
      case kAdd:
        return sum(a, b);
      case kSubtract:
        return sum(a, negated(b));
      case kMultiply:
        return product(a, b);
      case kDivide:
        return quotient(a, b);
      case kPower:
        return power(a, b);
      case kMin:
        return smaller(a, b);
      case kMax:
        return larger(a, b);
      case kAnd:
        return truth(surely_true(a) && surely_true(b), surely_false(a) || surely_false(b));
      case kOr:
        return truth(surely_true(a) || surely_true(b), surely_false(a) && surely_false(b));
      default:
        return comparison(operation, a, b);
    }
  }

  Interval leaf(const RankingNode& node) const {
    if (node.of_query) return point(query_value(node, query_));
    if (node.operation != kValue) return feature(node.variable);
    const auto found = ranges_.values.find(node.slot);
    constexpr double kLargest = std::numeric_limits<double>::max();
    return found == ranges_.values.end() ? Interval{-kLargest, kLargest} : interval(found->second);
  }

  Interval feature(RankingVariable variable) const {
    switch (variable) {
      case RankingVariable::kBm25:
        return interval(ranges_.bm25);
      case RankingVariable::kVotes:
        return interval(ranges_.votes);
      case RankingVariable::kDoclength:
        return interval(ranges_.doclength);
      case RankingVariable::kDistance:
        return distance();
      case RankingVariable::kCloseness:
        return quotient(point(1), sum(point(1), distance()));
      default:
        return interval(ranges_.cosine);
    }
  }

  Interval distance() const { return sum(point(1), negated(interval(ranges_.cosine))); }
  static Interval interval(const RankingRange& range) { return {range.low, range.high}; }

  const RankingQuery& query_;
  const RankingRanges& ranges_;
};

}  // namespace

RankingBounds ranking_bounds(const RankingNode& tree, const RankingQuery& query, const RankingRanges& ranges) {
  const Interval found = Bounder(query, ranges).of(tree);
  const Interval counted = found.nan ? joined(found, point(0)) : found;
  return {defined_ranking(counted.low), defined_ranking(counted.high), !found.nan};
}

}  // namespace vecterm
