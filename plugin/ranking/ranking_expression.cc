// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_expression.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/errors.h"
#include "plugin/ranking/bounds.h"
#include "plugin/ranking/check.h"
#include "plugin/ranking/columns.h"
#include "plugin/ranking/program.h"
#include "plugin/ranking/separation.h"

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

std::shared_ptr<const RankingProgram> program(std::string text, RankingTree tree) {
  return std::make_shared<const RankingProgram>(std::move(text), std::move(tree));
}

}  // namespace

RankingProgram::RankingProgram(std::string text, RankingTree tree)
    : text_(std::move(text)), tree_(std::move(tree)), formula_(tree_) {
  visit_ranking(tree_, [this](const RankingTree& node) { note(*node); });
}

void RankingProgram::note(const RankingNode& node) {
  if (node.operation == kMinmax) pointwise_ = false;
  if (node.operation == kValue) add_sorted(slots_, node.slot);
  if (node.operation == kInput) add_sorted(inputs_, node.name);
  if (node.operation == kParameter) add_sorted(parameters_, node.name);
  if (node.operation != kVariable) return;
  const RankingVariableName& entry = name_of(node.variable);
  if (entry.scope == RankingScope::kCandidates) pointwise_ = false;
  used_.set(static_cast<std::size_t>(entry.variable));
  if (entry.source) used_.set(static_cast<std::size_t>(*entry.source));
}

RankingExpression RankingExpression::compile(std::string_view text, std::span<const std::string> parameters) {
  check_parameters(parameters);
  return RankingExpression(program(std::string(text), parse_ranking(text, parameters)));
}

const std::string& RankingExpression::text() const { return program_->text(); }
bool RankingExpression::uses(RankingVariable variable) const { return program_->uses(variable); }
bool RankingExpression::is_pointwise() const { return program_->is_pointwise(); }
const std::vector<Xapian::valueno>& RankingExpression::slots() const { return program_->slots(); }
const std::vector<std::string>& RankingExpression::inputs() const { return program_->inputs(); }
const std::vector<std::string>& RankingExpression::parameters() const { return program_->parameters(); }

void RankingExpression::evaluate(const RankingCandidates& candidates, const RankingQuery& query,
                                 std::span<double> scores) const {
  if (scores.size() != candidates.size)
    throw InvalidArgument(fmt::format("scores must have {} rows; had {}", candidates.size, scores.size()));
  evaluate_columns(program_->formula(), candidates, query, scores);
}

RankingBounds RankingExpression::bounds(const RankingQuery& query, const RankingRanges& ranges) const {
  check_pointwise(*this);
  return ranking_bounds(*program_->tree(), query, ranges);
}

std::optional<SeparatedExpression> RankingExpression::separated() const {
  const auto trees = separated_ranking(program_->tree());
  if (!trees) return std::nullopt;
  const auto compiled = [](const RankingTree& tree) { return RankingExpression(program(print_ranking(tree), tree)); };
  return SeparatedExpression{compiled(trees->words_factor), compiled(trees->rest)};
}

struct RankingEvaluator::State {
  State(std::shared_ptr<const RankingProgram> compiled, const RankingQuery& query)
      : program(std::move(compiled)), machine(program->formula().borrow()) {
    const auto& variables = program->formula().variables();
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const RankingNode& node = *variables[i].node;
      if (is_of_query(node))
        machine[i] = query_value(node, query);
      else if (node.operation == kValue)
        values.emplace_back(i, std::ranges::lower_bound(program->slots(), node.slot) - program->slots().begin());
      else
        features.emplace_back(i, &node);
    }
  }

  std::shared_ptr<const RankingProgram> program;  ///< outlives the machine
  RankingMachine machine;
  std::vector<std::pair<std::size_t, const RankingNode*>> features;
  std::vector<std::pair<std::size_t, std::size_t>> values;  ///< the variable's index, the slot's index
};

RankingEvaluator::RankingEvaluator(const RankingExpression& expression, const RankingQuery& query) {
  check_pointwise(expression);
  state_ = std::make_unique<State>(expression.program_, query);
}

RankingEvaluator::RankingEvaluator(RankingEvaluator&&) noexcept = default;
RankingEvaluator& RankingEvaluator::operator=(RankingEvaluator&&) noexcept = default;
RankingEvaluator::~RankingEvaluator() = default;

double RankingEvaluator::operator()(const RankingHit& hit) {
  State& state = *state_;
  for (const auto& [i, node] : state.features) state.machine[i] = hit_value(*node, hit);
  for (const auto& [i, slot] : state.values)
    state.machine[i] = slot < hit.values.size() ? finite_ranking(hit.values[slot]) : 0;
  return state.machine.value();
}

}  // namespace vecterm
