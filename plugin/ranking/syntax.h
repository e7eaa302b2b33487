// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/ranking/names.h"

/// Ranking expressions as trees. Internal.
namespace vecterm {

struct RankingNode;
using RankingTree = std::shared_ptr<const RankingNode>;

struct RankingNode {
  RankingOperation operation = RankingOperation::kNumber;
  std::vector<RankingTree> operands = {};  ///< none for leaves; kRrf has k, rank_words and rank_cosine
  double number = 0;                       ///< kNumber
  RankingVariable variable{};              ///< kVariable
  Xapian::valueno slot = 0;                ///< kValue
  std::string name = {};                   ///< kInput, kParameter
  bool of_query = false;                   ///< the same for all candidates, whoever they are

  bool is_leaf() const { return operands.empty(); }
};

RankingTree ranking_number(double number);
RankingTree ranking_node(RankingOperation operation, std::vector<RankingTree> operands);

/// The tree of a text. @throws InvalidArgument as RankingExpression::compile(), for more than `nesting` levels too
RankingTree parse_ranking(std::string_view text, std::span<const std::string> parameters, int nesting);

/// The tree in brackets, as a user would write it.
std::string print_ranking(const RankingTree& node);

/// Calls visit(node) for a node and all below it, operands first.
void visit_ranking(const RankingTree& tree, const std::function<void(const RankingTree&)>& visit);

}  // namespace vecterm
