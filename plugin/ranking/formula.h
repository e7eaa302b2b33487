// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/ranking/syntax.h"

/// Trees in the hands of muParser, whose header stays in the source. Internal.
namespace vecterm {

class RankingMachine;

/// A tree as muParser reads it, with parsers that are ready. muParser binds variables by address, so each thread at
/// work borrows a parser; those given back are kept. Thread-safe.
class RankingFormula {
 public:
  /// A number that the parser takes from outside: of a leaf, or the normalised values of another formula (minmax).
  struct Variable {
    RankingTree node;
    std::unique_ptr<const RankingFormula> normalised;  ///< for kMinmax: the formula of its argument
  };

  /// @throws InvalidArgument where muParser's own limits are met
  explicit RankingFormula(const RankingTree& tree);
  ~RankingFormula();
  RankingFormula(const RankingFormula&) = delete;
  RankingFormula& operator=(const RankingFormula&) = delete;

  const std::vector<Variable>& variables() const { return variables_; }
  /// REQUIRES: the formula outlives the machine.
  RankingMachine borrow() const;

 private:
  friend class RankingMachine;
  struct BoundParser;

  std::string spell(const RankingTree& tree);
  std::unique_ptr<BoundParser> take() const;
  void give_back(std::unique_ptr<BoundParser> parser) const;

  std::vector<Variable> variables_;
  std::vector<double> constants_;
  std::string text_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<BoundParser>> idle_;
};

/// One parser of a formula, for one thread, until it goes out of scope.
class RankingMachine {
 public:
  RankingMachine(RankingMachine&& other) noexcept;
  RankingMachine& operator=(RankingMachine&&) = delete;
  ~RankingMachine();

  /// The number that variables()[i] has from now on.
  double& operator[](std::size_t i) { return inputs_[i]; }
  /// The formula's value: 0 for NaN, the largest or lowest double for infinity.
  double value() const;

 private:
  friend class RankingFormula;
  explicit RankingMachine(const RankingFormula& formula);

  const RankingFormula* formula_;
  std::unique_ptr<RankingFormula::BoundParser> parser_;
  double* inputs_;
};

/// What a value that is not finite counts as.
double defined_ranking(double value);

}  // namespace vecterm
