// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "plugin/ranking/syntax.h"

namespace vecterm {

/// A tree as steps over numbered places: its operands, whose numbers come from outside, and behind them a stack. What
/// is the same for all hits is one operand, however much text it has. Immutable and thread-safe. Internal.
class RankingProgram {
 public:
  struct Operand {
    RankingTree node;                                  ///< of_query, a variable, value(slot) or minmax()
    std::unique_ptr<const RankingProgram> normalised;  ///< of the argument of minmax()
  };

  /// The numbers of an operand, one a row. Null stands for `number` in each.
  struct Column {
    const double* numbers = nullptr;
    double number = 0;

    double operator[](std::size_t row) const { return numbers != nullptr ? numbers[row] : number; }
  };

  explicit RankingProgram(const RankingTree& tree);

  /// In the order in which the text names them first.
  const std::vector<Operand>& operands() const { return operands_; }
  std::size_t places() const { return operands_.size() + depth_; }

  /// The value of one row: 0 for NaN, the largest or lowest double for infinity.
  /// REQUIRES: places() numbers, the operands' first.
  double value(std::span<double> places) const;
  /// values[i] = the value of row i, with the same bits. REQUIRES: a column an operand.
  void values(std::span<const Column> operands, std::span<double> values) const;

  /// A function of as many places as it has operands; without any, a jump.
  struct Step {
    RankingOperation operation;
    std::uint32_t operands = 0;
    std::array<std::uint32_t, 3> from{};  ///< the operands' places
    std::uint32_t to = 0;                 ///< the place of the value
    std::uint32_t skip = 0;               ///< of a jump: to which step ahead; kIf jumps only where from[0] is 0
    std::uint32_t end = 0;                ///< of a jump kIf: how many steps ahead both choices end
  };

 private:
  class Compiler;

  void row_by_row(std::span<const Column> operands, std::span<double> values) const;

  std::vector<Operand> operands_;
  std::vector<Step> steps_;
  std::uint32_t result_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace vecterm
