// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/separation.h"

namespace vecterm {
namespace {

using enum RankingOperation;

// A part of the tree as factor * bm25 + rest; no factor stands for 0.
struct Linear {
  RankingTree factor;
  RankingTree rest;
};

// Whether `tree` may be weighed without the words and the other candidates.
bool is_rest(const RankingTree& tree) {
  bool rest = true;
  visit_ranking(tree, [&](const RankingTree& node) {
    if (node->operation == kMinmax) rest = false;
    if (node->operation != kVariable) return;
    if (name_of(node->variable).scope == RankingScope::kCandidates || node->variable == RankingVariable::kBm25 ||
        node->variable == RankingVariable::kVotes)
      rest = false;
  });
  return rest;
}

bool is_zero(const RankingTree& tree) { return tree->operation == kNumber && tree->number == 0; }

RankingTree sum(RankingOperation operation, const RankingTree& a, const RankingTree& b) {
  if (!b || is_zero(b)) return a;
  if (!a || is_zero(a)) return operation == kAdd ? b : ranking_node(kNegate, {b});
  return ranking_node(operation, {a, b});
}

RankingTree or_zero(const RankingTree& tree) { return tree ? tree : ranking_number(0); }

std::optional<Linear> linear(const RankingTree& tree);

// operation(part) for a product, quotient or negation of a part by what is the same for all hits.
std::optional<Linear> scaled(const RankingTree& part, const auto& operation) {
  auto found = linear(part);
  if (!found) return std::nullopt;
  return Linear{found->factor ? operation(found->factor) : nullptr,
                is_zero(found->rest) ? found->rest : operation(found->rest)};
}

std::optional<Linear> linear_sum(const RankingNode& node) {
  const auto left = linear(node.operands[0]);
  const auto right = linear(node.operands[1]);
  if (!left || !right) return std::nullopt;
  return Linear{sum(node.operation, left->factor, right->factor), sum(node.operation, left->rest, right->rest)};
}

std::optional<Linear> linear_choice(const RankingNode& node) {
  if (!node.operands[0]->of_query) return std::nullopt;
  const auto yes = linear(node.operands[1]);
  const auto no = linear(node.operands[2]);
  if (!yes || !no) return std::nullopt;
  return Linear{ranking_node(kIf, {node.operands[0], or_zero(yes->factor), or_zero(no->factor)}),
                ranking_node(kIf, {node.operands[0], yes->rest, no->rest})};
}

// REQUIRES: bm25 or something else that is no rest occurs in `tree`.
std::optional<Linear> linear_operation(const RankingTree& tree) {
  const auto& operands = tree->operands;
  switch (tree->operation) {
    case kNegate:
      return scaled(operands[0], [](const RankingTree& part) { return ranking_node(kNegate, {part}); });
    case kAdd:
    case kSubtract:
      return linear_sum(*tree);
    case kMultiply:
      if (operands[0]->of_query)
        return scaled(operands[1], [&](const RankingTree& part) {
          return ranking_node(kMultiply, {operands[0], part});
        });
      if (!operands[1]->of_query) return std::nullopt;
      return scaled(operands[0], [&](const RankingTree& part) { return ranking_node(kMultiply, {part, operands[1]}); });
    case kDivide:
      if (!operands[1]->of_query) return std::nullopt;
      return scaled(operands[0], [&](const RankingTree& part) { return ranking_node(kDivide, {part, operands[1]}); });
    case kIf:
      return linear_choice(*tree);
    default:
      return std::nullopt;
  }
}

std::optional<Linear> linear(const RankingTree& tree) {
  if (is_rest(tree)) return Linear{nullptr, tree};
  if (tree->operation == kVariable && tree->variable == RankingVariable::kBm25)
    return Linear{ranking_number(1), ranking_number(0)};
  return linear_operation(tree);
}

}  // namespace

std::optional<SeparatedTree> separated_ranking(const RankingTree& tree) {
  const auto found = linear(tree);
  if (!found) return std::nullopt;
  return SeparatedTree{or_zero(found->factor), found->rest};
}

}  // namespace vecterm
