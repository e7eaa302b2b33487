// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/formula.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "plugin/ranking/arithmetic.h"
#include "plugin/ranking/tokens.h"

namespace vecterm {
namespace {

using enum RankingOperation;

void define_functions(mu::Parser& parser) {
  parser.ClearFun();
  parser.DefineFun("min", smaller);
  parser.DefineFun("max", larger);
  parser.DefineFun("clamp", clamped);
  parser.DefineFun("rrf", reciprocal_ranks);
  parser.DefineFun("log", static_cast<double (*)(double)>(std::log));
  parser.DefineFun("exp", static_cast<double (*)(double)>(std::exp));
  parser.DefineFun("sqrt", static_cast<double (*)(double)>(std::sqrt));
  parser.DefineFun("abs", static_cast<double (*)(double)>(std::fabs));
  parser.DefineFun("atan", static_cast<double (*)(double)>(std::atan));
  parser.DefineFun("tanh", static_cast<double (*)(double)>(std::tanh));
}

}  // namespace

struct RankingFormula::BoundParser {
  BoundParser(const std::string& text, const std::vector<double>& constants, std::size_t variables)
      : inputs(variables) {
    try {
      // Its rewriting of sums and powers rounds otherwise than the text says, and can overflow where the text does not.
      parser.EnableOptimizer(false);
      define_functions(parser);
      parser.ClearConst();
      // By name, because muParser reads digits by a locale that the whole process shares.
      for (std::size_t i = 0; i < constants.size(); ++i) parser.DefineConst(fmt::format("n{}", i), constants[i]);
      for (std::size_t i = 0; i < variables; ++i) parser.DefineVar(fmt::format("v{}", i), &inputs[i]);
      parser.SetExpr(text);
      parser.Eval();
    } catch (const mu::ParserError& error) {
      refuse_expression("cannot be evaluated: " + error.GetMsg());
    }
  }

  std::vector<double> inputs;
  mu::Parser parser;
};

RankingFormula::RankingFormula(const RankingTree& tree) : text_(spell(tree)) { give_back(take()); }

RankingFormula::~RankingFormula() = default;

// Numbers become n0, n1, ..., everything else from outside v0, v1, ...
std::string RankingFormula::spell(const RankingTree& tree) {
  std::map<std::string, std::string> names;
  return print_ranking(tree, [&](const RankingTree& node) {
    const bool normalises = node->operation == kMinmax;
    if (!node->is_leaf() && !normalises) return std::string();
    const auto [name, added] = names.try_emplace(print_ranking(node));
    if (!added) return name->second;
    if (node->operation == kNumber) {
      constants_.push_back(node->number);
      return name->second = fmt::format("n{}", constants_.size() - 1);
    }
    variables_.push_back({node, normalises ? std::make_unique<const RankingFormula>(node->operands[0]) : nullptr});
    return name->second = fmt::format("v{}", variables_.size() - 1);
  });
}

std::unique_ptr<RankingFormula::BoundParser> RankingFormula::take() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<BoundParser> parser = std::move(idle_.back());
      idle_.pop_back();
      return parser;
    }
  }
  return std::make_unique<BoundParser>(text_, constants_, variables_.size());
}

void RankingFormula::give_back(std::unique_ptr<BoundParser> parser) const {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(parser));
}

RankingMachine RankingFormula::borrow() const { return RankingMachine(*this); }

RankingMachine::RankingMachine(const RankingFormula& formula)
    : formula_(&formula), parser_(formula.take()), inputs_(parser_->inputs.data()) {}

RankingMachine::RankingMachine(RankingMachine&& other) noexcept = default;

RankingMachine::~RankingMachine() {
  if (parser_) formula_->give_back(std::move(parser_));
}

double RankingMachine::value() const { return defined_ranking(parser_->parser.Eval()); }

double defined_ranking(double value) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return std::isnan(value) ? 0 : std::clamp(value, -kLargest, kLargest);
}

}  // namespace vecterm
