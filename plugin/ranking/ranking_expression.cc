// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "analyzers/errors.h"
#include "plugin/ranking/arithmetic.h"
#include "plugin/ranking/bounds.h"
#include "plugin/ranking/columns.h"
#include "plugin/ranking/program.h"
#include "plugin/ranking/separation.h"
#include "plugin/ranking/tokens.h"

namespace vecterm {
namespace {

using enum RankingOperation;

void check_parameters(std::span<const std::string> parameters) {
  for (const std::string& name : parameters) {
    if (!is_ranking_identifier(name))
      throw InvalidArgument(
          fmt::format("parameter must be letters, digits and _, not beginning with a digit; was '{}'", name));
    if (ranking_variable(name) != nullptr || ranking_function(name) != nullptr || name == "pi")
      throw InvalidArgument(fmt::format("parameter must not have a name that expressions know; was '{}'", name));
  }
}

template <typename T>
void add_sorted(std::vector<T>& set, const T& element) {
  const auto place = std::ranges::lower_bound(set, element);
  if (place == set.end() || *place != element) set.insert(place, element);
}

}  // namespace

struct RankingExpression::Internal {
  Internal(std::string source, RankingTree parsed) : text(std::move(source)), tree(std::move(parsed)), program(tree) {
    visit_ranking(tree, [this](const RankingTree& node) { note(*node); });
  }

  void note(const RankingNode& node) {
    if (node.operation == kMinmax) pointwise = false;
    if (node.operation == kValue) add_sorted(slots, node.slot);
    if (node.operation == kInput) add_sorted(inputs, node.name);
    if (node.operation == kParameter) add_sorted(parameters, node.name);
    if (node.operation != kVariable) return;
    const RankingVariableName& entry = name_of(node.variable);
    if (entry.scope == RankingScope::kCandidates) pointwise = false;
    used.set(static_cast<std::size_t>(entry.variable));
    if (entry.source) used.set(static_cast<std::size_t>(*entry.source));
  }

  void check_pointwise() const {
    if (!pointwise) refuse_candidates(text);
  }

  std::string text;
  RankingTree tree;
  RankingProgram program;
  std::bitset<32> used;
  bool pointwise = true;
  std::vector<Xapian::valueno> slots;
  std::vector<std::string> inputs;
  std::vector<std::string> parameters;
};

RankingExpression RankingExpression::compile(std::string_view text, std::span<const std::string> parameters) {
  check_parameters(parameters);
  if (text.size() > kMaxBytes)
    refuse_expression(fmt::format("must have at most {} bytes; had {}", kMaxBytes, text.size()));
  return RankingExpression(
      std::make_shared<const Internal>(std::string(text), parse_ranking(text, parameters, kMaxNesting)));
}

const std::string& RankingExpression::text() const { return internal_->text; }
bool RankingExpression::uses(RankingVariable variable) const {
  return internal_->used[static_cast<std::size_t>(variable)];
}
bool RankingExpression::is_pointwise() const { return internal_->pointwise; }
const std::vector<Xapian::valueno>& RankingExpression::slots() const { return internal_->slots; }
const std::vector<std::string>& RankingExpression::inputs() const { return internal_->inputs; }
const std::vector<std::string>& RankingExpression::parameters() const { return internal_->parameters; }

void RankingExpression::evaluate(const RankingCandidates& candidates, const RankingQuery& query,
                                 std::span<double> scores) const {
  if (scores.size() != candidates.size)
    throw InvalidArgument(fmt::format("scores must have {} rows; had {}", candidates.size, scores.size()));
  evaluate_columns(internal_->program, candidates, query, scores);
}

RankingBounds RankingExpression::bounds(const RankingQuery& query, const RankingRanges& ranges) const {
  internal_->check_pointwise();
  return ranking_bounds(*internal_->tree, query, ranges);
}

std::optional<SeparatedExpression> RankingExpression::separated() const {
  const auto trees = separated_ranking(internal_->tree);
  if (!trees) return std::nullopt;
  const auto compiled = [](const RankingTree& tree) {
    return RankingExpression(std::make_shared<const Internal>(print_ranking(tree), tree));
  };
  return SeparatedExpression{compiled(trees->words_factor), compiled(trees->rest)};
}

struct RankingEvaluator::State {
  State(const RankingExpression& compiled, const RankingQuery& query)
      : expression(compiled), program(compiled.internal_->program), places(program.places()) {
    const std::vector<Xapian::valueno>& slots = expression.slots();
    for (std::size_t i = 0; i < program.operands().size(); ++i) {
      const RankingNode& node = *program.operands()[i].node;
      if (node.of_query)
        places[i] = query_value(node, query);
      else if (node.operation == kValue)
        values.emplace_back(i, std::ranges::lower_bound(slots, node.slot) - slots.begin());
      else
        features.emplace_back(i, node.variable);
    }
  }

  RankingExpression expression;
  const RankingProgram& program;
  std::vector<double> places;
  std::vector<std::pair<std::size_t, RankingVariable>> features;  ///< the operand's index, the variable
  std::vector<std::pair<std::size_t, std::size_t>> values;        ///< the operand's index, the slot's
};

RankingEvaluator::RankingEvaluator(const RankingExpression& expression, const RankingQuery& query) {
  expression.internal_->check_pointwise();
  state_ = std::make_unique<State>(expression, query);
}

RankingEvaluator::RankingEvaluator(RankingEvaluator&&) noexcept = default;
RankingEvaluator& RankingEvaluator::operator=(RankingEvaluator&&) noexcept = default;
RankingEvaluator::~RankingEvaluator() = default;

double RankingEvaluator::operator()(const RankingHit& hit) {
  State& state = *state_;
  for (const auto& [i, variable] : state.features) state.places[i] = hit_value(variable, hit);
  for (const auto& [i, slot] : state.values)
    state.places[i] = slot < hit.values.size() ? finite_ranking(hit.values[slot]) : 0;
  return state.program.value(state.places);
}

}  // namespace vecterm
