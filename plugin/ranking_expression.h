// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "ranking_features.h"

namespace vecterm {

struct SeparatedExpression;

/// Arithmetic over the features of a hit that says how hits are ordered: `bm25/saturation + share*cosine`, `rrf(60)`,
/// `minmax(bm25) + input(boost)*minmax(cosine)`, `if(cosine >= 0.4, bm25, 0) + log(1 + value(3))`.
///
/// Numbers (1.5, 2e-3), `pi`, the variables of RankingVariable, `value(slot)` with a whole number (the number that
/// Xapian::sortable_serialise wrote), `input(name)` given with the query, and parameters named when it is compiled.
/// Operators, loosest first: a ? b : c, ||, &&, one of < <= > >= == !=, + -, * /, signs, ^ (from the right; -2^2 is
/// -4). Truth is 1, anything but 0 is true. Functions:
///
///     if(condition, a, b)     as condition ? a : b
///     min(a, b)  max(a, b)  clamp(x, low, high) = min(max(x, low), high)
///     log(x) (natural)  exp(x)  sqrt(x)  abs(x)  atan(x)  tanh(x)
///     minmax(x)  (x - least) / (largest - least) over the candidates, 0 where all are equal; not within another
///     rrf(k)     1/(k + rank_words) + 1/(k + rank_cosine): reciprocal rank fusion (Cormack, Clarke, Buettcher:
///                Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods, SIGIR 2009;
///                k = 60 there)
///
/// Within an expression, IEEE 754 holds: 1/0 and -log(0) are infinity, 0/0 and sqrt(-1) NaN, and NaN goes through every
/// function. As the value of an expression (and of what minmax compares) NaN counts as 0, infinity as the largest or
/// lowest double. Values have the same bits in columns and hit by hit.
///
/// Immutable and thread-safe; copies share the compiled program.
class VECTERM_API RankingExpression {
 public:
  static constexpr std::size_t kMaxBytes = 4096;
  /// Of brackets, calls, signs, powers and conditionals in each other.
  static constexpr int kMaxNesting = 100;

  /// @param parameters  names that the text may use as variables
  /// @throws InvalidArgument with the position (in characters, from 1) of what cannot be used, and what may have been
  /// meant; for a parameter that is no identifier or has the name of something else
  static RankingExpression compile(std::string_view text, std::span<const std::string> parameters = {});

  const std::string& text() const;
  /// Whether evaluation reads a variable: itself, or (bm25 and cosine) through another, as rrf() reads all ranks.
  bool uses(RankingVariable variable) const;
  /// Whether a hit's value follows from that hit and the query alone: no ranks, rrf, minmax, max_bm25 or max_cosine.
  bool is_pointwise() const;
  /// What the text names, each once, ascending.
  const std::vector<Xapian::valueno>& slots() const;
  const std::vector<std::string>& inputs() const;
  const std::vector<std::string>& parameters() const;

  /// scores[i] = the value of row i; always finite.
  /// @throws InvalidArgument for an input or parameter that `query` does not have, a column that does not have
  /// `candidates.size` rows, or as many scores
  void evaluate(const RankingCandidates& candidates, const RankingQuery& query, std::span<double> scores) const;

  /// An interval that holds the value of every hit whose features lie in `ranges`, by interval arithmetic: exact but
  /// for rounding where each variable occurs once.
  /// @throws InvalidArgument as evaluate(), and where the expression is not pointwise
  RankingBounds bounds(const RankingQuery& query, const RankingRanges& ranges) const;

  /// The expression as words_factor * bm25 + rest, where words_factor is the same for all hits and `rest` is pointwise
  /// and has neither bm25 nor votes; nothing where the text has no such form.
  std::optional<SeparatedExpression> separated() const;

 private:
  friend class RankingEvaluator;
  struct Internal;
  explicit RankingExpression(std::shared_ptr<const Internal> internal) : internal_(std::move(internal)) {}

  std::shared_ptr<const Internal> internal_;
};

/// The two parts of an expression that a matcher can weigh apart: a scaled words query and a posting source. Their sum
/// is the expression's value but for rounding, wherever both are defined: see RankingBounds::defined.
struct VECTERM_API SeparatedExpression {
  RankingExpression words_factor;  ///< 0 where the expression has no bm25
  RankingExpression rest;
};

/// Evaluates an expression hit by hit. One serves one thread.
class VECTERM_API RankingEvaluator {
 public:
  /// @throws InvalidArgument where the expression is not pointwise, or for an input or parameter that `query` does not
  /// have
  RankingEvaluator(const RankingExpression& expression, const RankingQuery& query);
  RankingEvaluator(RankingEvaluator&&) noexcept;
  RankingEvaluator& operator=(RankingEvaluator&&) noexcept;
  ~RankingEvaluator();

  /// The value, always finite. REQUIRES: as many values as the expression has slots, or none for 0 in each.
  double operator()(const RankingHit& hit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vecterm
