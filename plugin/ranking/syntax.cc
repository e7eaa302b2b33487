// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numbers>

#include "plugin/ranking/tokens.h"

namespace vecterm {
namespace {

using enum RankingOperation;
using Kind = RankingToken::Kind;

bool is_of_query(const RankingNode& node) {
  if (node.operation == kVariable) return name_of(node.variable).scope == RankingScope::kQuery;
  if (node.operation == kValue) return false;
  return std::ranges::all_of(node.operands, [](const RankingTree& operand) { return operand->of_query; });
}

RankingTree made(RankingNode node) {
  node.of_query = is_of_query(node);
  return std::make_shared<const RankingNode>(std::move(node));
}

RankingTree variable(RankingVariable variable) { return made({.operation = kVariable, .variable = variable}); }

// Recursive descent, one function a level of the grammar:
//
//     conditional := binary [ "?" conditional ":" conditional ]
//     binary      := operators of ranking_operator() by precedence, over signed
//     signed      := ("-" | "+") signed | power
//     power       := primary [ "^" signed ]
//     primary     := number | "(" conditional ")" | name [ "(" arguments ")" ]
class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> parameters, int nesting)
      : tokens_(ranking_tokens(text)), parameters_(parameters), nesting_(nesting) {}

  RankingTree parse() {
    if (token().kind == Kind::kEnd) refuse_expression("must not be empty");
    RankingTree tree = conditional();
    if (token().kind != Kind::kEnd) unexpected();
    return tree;
  }

 private:
  // One level of nesting as long as it lives.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > parser_.nesting_ + 1)
        refuse_expression(
            fmt::format("must nest at most {} deep; went deeper at {}", parser_.nesting_, parser_.token().position));
    }
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  const RankingToken& token() const { return tokens_[next_]; }
  bool is_sign(std::string_view sign) const { return token().kind == Kind::kSign && token().text == sign; }
  bool take(std::string_view sign) {
    const bool found = is_sign(sign);
    if (found) ++next_;
    return found;
  }
  RankingToken take() { return tokens_[next_++]; }

  // What stands behind a whole operand and does not belong there.
  [[noreturn]] void unexpected() const {
    const RankingToken& found = token();
    if (found.text == ")") refuse_expression(fmt::format("')' at {} closes nothing", found.position));
    if (found.text == ",") refuse_expression(fmt::format("',' at {} is outside of a call", found.position));
    if (found.text == ":") refuse_expression(fmt::format("':' at {} has no '?' before it", found.position));
    refuse_expression(fmt::format("an operator is missing before '{}' at {}", found.text, found.position));
  }

  [[noreturn]] void operand_missing() const {
    const RankingToken& found = token();
    const std::string met = found.kind == Kind::kEnd ? "found the end" : fmt::format("found '{}'", found.text);
    refuse_expression(fmt::format("a number, a name or '(' is missing at {}; {}", found.position, met));
  }

  void close(const RankingToken& open) {
    if (take(")")) return;
    if (token().kind == Kind::kEnd) refuse_expression(fmt::format("'(' at {} is not closed", open.position));
    unexpected();
  }

  RankingTree conditional() {
    const Nesting nesting(*this);
    RankingTree condition = binary(0);
    const RankingToken question = token();
    if (!take("?")) return condition;
    RankingTree yes = conditional();
    if (!take(":")) refuse_expression(fmt::format("'?' at {} has no ':' after it", question.position));
    return ranking_node(kIf, {std::move(condition), std::move(yes), conditional()});
  }

  RankingTree binary(int least_precedence) {
    RankingTree left = sign();
    bool compared = false;
    while (const RankingOperatorName* found = ranking_operator(token().text)) {
      if (found->precedence < least_precedence) break;
      const RankingToken symbol = take();
      const bool compares = found->precedence == kComparisonPrecedence;
      if (compares && compared)
        refuse_expression(
            fmt::format("'{}' at {} compares a comparison; join two by &&", symbol.text, symbol.position));
      compared = compares;
      left = ranking_node(found->operation, {std::move(left), binary(found->precedence + 1)});
    }
    return left;
  }

  RankingTree sign() {
    const bool minus = is_sign("-");
    if (!minus && !is_sign("+")) return power();
    const Nesting nesting(*this);
    take();
    RankingTree operand = sign();
    return minus ? ranking_node(kNegate, {std::move(operand)}) : operand;
  }

  RankingTree power() {
    RankingTree base = primary();
    if (!is_sign("^")) return base;
    const Nesting nesting(*this);
    take();
    return ranking_node(kPower, {std::move(base), sign()});
  }

  RankingTree primary() {
    if (token().kind == Kind::kNumber) return ranking_number(take().number);
    if (token().kind == Kind::kName) return named();
    const RankingToken open = token();
    if (!take("(")) operand_missing();
    RankingTree inner = conditional();
    close(open);
    return inner;
  }

  RankingTree named() {
    const RankingToken name = take();
    const RankingFunctionName* function = ranking_function(name.text);
    if (function != nullptr && !is_sign("("))
      refuse_expression(fmt::format("'{}' at {} is a function: {}", name.text, name.position, function->usage));
    if (function != nullptr) return call(*function, name);
    RankingTree found = constant_or_variable(name.text);
    if (!found)
      refuse_expression(fmt::format("unknown name '{}' at {}{}", name.text, name.position,
                                    ranking_suggestion(name.text, parameters_)));
    if (is_sign("("))
      refuse_expression(fmt::format("'{}' at {} is no function and takes no brackets", name.text, name.position));
    return found;
  }

  RankingTree constant_or_variable(std::string_view name) const {
    if (name == "pi") return ranking_number(std::numbers::pi);
    if (const RankingVariableName* found = ranking_variable(name)) return variable(found->variable);
    if (std::ranges::find(parameters_, name) == parameters_.end()) return nullptr;
    return made({.operation = kParameter, .name = std::string(name)});
  }

  RankingTree call(const RankingFunctionName& function, const RankingToken& name) {
    const RankingToken open = take();
    if (function.operation == kValue || function.operation == kInput) return quoted(function, name, open);
    const bool normalises = function.operation == kMinmax;
    if (normalises && in_minmax_) refuse_expression(fmt::format("minmax at {} stands within another", name.position));
    in_minmax_ = in_minmax_ || normalises;
    std::vector<RankingTree> operands = arguments(open);
    if (normalises) in_minmax_ = false;
    if (operands.size() != function.arguments)
      refuse_expression(fmt::format("{} at {} needs {} argument{}, {}; had {}", function.name, name.position,
                                    function.arguments, function.arguments == 1 ? "" : "s", function.usage,
                                    operands.size()));
    if (function.operation == kRrf)
      operands.insert(operands.end(), {variable(RankingVariable::kRankWords), variable(RankingVariable::kRankCosine)});
    return ranking_node(function.operation, std::move(operands));
  }

  std::vector<RankingTree> arguments(const RankingToken& open) {
    std::vector<RankingTree> read;
    if (take(")")) return read;
    do {
      read.push_back(conditional());
    } while (take(","));
    close(open);
    return read;
  }

  // value(slot) and input(name), whose arguments are no expressions.
  RankingTree quoted(const RankingFunctionName& function, const RankingToken& name, const RankingToken& open) {
    RankingNode node{.operation = function.operation};
    const std::string_view argument = token().text;
    if (function.operation == kInput) {
      if (token().kind != Kind::kName)
        refuse_expression(fmt::format("input at {} needs a name, input(name); had '{}'", name.position, argument));
      node.name = argument;
    } else {
      const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), node.slot);
      if (error != std::errc() || end != argument.data() + argument.size() || node.slot == Xapian::BAD_VALUENO)
        refuse_expression(fmt::format("value at {} needs a slot, a whole number in [0, {}]; had '{}'", name.position,
                                      Xapian::BAD_VALUENO - 1, argument));
    }
    take();
    if (is_sign(",")) refuse_expression(fmt::format("{} at {} needs 1 argument", function.usage, name.position));
    close(open);
    return made(std::move(node));
  }

  std::vector<RankingToken> tokens_;
  std::span<const std::string> parameters_;
  int nesting_;
  std::size_t next_ = 0;
  int depth_ = 0;
  bool in_minmax_ = false;
};

std::string print_leaf(const RankingNode& node) {
  switch (node.operation) {
    case kNumber:
      return fmt::format("{}", node.number);
    case kVariable:
      return std::string(name_of(node.variable).name);
    case kValue:
      return fmt::format("value({})", node.slot);
    case kInput:
      return fmt::format("input({})", node.name);
    default:
      return node.name;
  }
}

std::string print_call(const RankingNode& node) {
  std::string text(function_of(node.operation));
  char separator = '(';
  for (const RankingTree& operand : node.operands) {
    text += separator + print_ranking(operand);
    separator = ',';
  }
  return text + ')';
}

}  // namespace

RankingTree ranking_number(double number) { return made({.number = number}); }

RankingTree ranking_node(RankingOperation operation, std::vector<RankingTree> operands) {
  return made({.operation = operation, .operands = std::move(operands)});
}

RankingTree parse_ranking(std::string_view text, std::span<const std::string> parameters, int nesting) {
  return Parser(text, parameters, nesting).parse();
}

std::string print_ranking(const RankingTree& node) {
  if (node->is_leaf()) return print_leaf(*node);
  const auto operand = [&](std::size_t i) { return print_ranking(node->operands[i]); };
  switch (node->operation) {
    case kNegate:
      return "(-" + operand(0) + ")";
    case kIf:
      return "(" + operand(0) + "?" + operand(1) + ":" + operand(2) + ")";
    default:
      if (node->operation < kAdd || node->operation > kOr) return print_call(*node);
      return "(" + operand(0) + std::string(symbol_of(node->operation)) + operand(1) + ")";
  }
}

void visit_ranking(const RankingTree& tree, const std::function<void(const RankingTree&)>& visit) {
  for (const RankingTree& operand : tree->operands) visit_ranking(operand, visit);
  visit(tree);
}

}  // namespace vecterm
