// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "plugin/ranking/formula.h"

namespace vecterm {

/// A compiled expression: its tree, what the tree names, and the formula to evaluate. Internal.
class RankingProgram {
 public:
  RankingProgram(std::string text, RankingTree tree);

  const std::string& text() const { return text_; }
  const RankingTree& tree() const { return tree_; }
  const RankingFormula& formula() const { return formula_; }
  bool uses(RankingVariable variable) const { return used_[static_cast<std::size_t>(variable)]; }
  bool is_pointwise() const { return pointwise_; }
  const std::vector<Xapian::valueno>& slots() const { return slots_; }
  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::vector<std::string>& parameters() const { return parameters_; }

 private:
  void note(const RankingNode& node);

  std::string text_;
  RankingTree tree_;
  RankingFormula formula_;
  std::bitset<32> used_;
  bool pointwise_ = true;
  std::vector<Xapian::valueno> slots_;
  std::vector<std::string> inputs_;
  std::vector<std::string> parameters_;
};

}  // namespace vecterm
