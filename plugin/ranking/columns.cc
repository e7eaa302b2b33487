// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

using enum RankingOperation;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

using Column = std::vector<double>;

double named_number(const std::map<std::string, double, std::less<>>& numbers, const std::string& name,
                    std::string_view what) {
  const auto found = numbers.find(name);
  if (found == numbers.end())
    throw InvalidArgument(fmt::format("{} '{}' of the ranking expression must be given; was not", what, name));
  return finite_ranking(found->second);
}

double closeness(double cosine) { return 1 / (1 + (1 - cosine)); }

Column finite_column(const Column& given, std::size_t size, std::string_view name) {
  if (!given.empty() && given.size() != size)
    throw InvalidArgument(fmt::format("{} must have {} rows; had {}", name, size, given.size()));
  Column column(size, 0.0);
  std::ranges::transform(given, column.begin(), finite_ranking);
  return column;
}

// Places by falling value from 1, ties by row; infinity where `counts` says no.
Column ranks(const Column& values, const auto& counts) {
  std::vector<std::uint32_t> order;
  order.reserve(values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i)
    if (counts(i)) order.push_back(i);
  std::ranges::sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  Column ranked(values.size(), kInfinity);
  for (std::size_t place = 0; place < order.size(); ++place) ranked[order[place]] = static_cast<double>(place + 1);
  return ranked;
}

Column largest(const Column& values, const auto& counts, double least = -kInfinity) {
  double found = least;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (counts(i)) found = std::max(found, values[i]);
  return Column(values.size(), finite_ranking(found));
}

void normalise(Column& values) {
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  // Halves, where the difference itself would overflow.
  const double scale = std::isinf(high - low) ? 0.5 : 1;
  const double range = scale * high - scale * low;
  for (double& value : values) value = range > 0 ? (scale * value - scale * low) / range : 0;
}

class Columns {
 public:
  Columns(const RankingCandidates& candidates, const RankingQuery& query) : candidates_(candidates), query_(query) {
    const auto& has_vector = candidates.has_vector;
    if (!has_vector.empty() && has_vector.size() != candidates.size)
      throw InvalidArgument(fmt::format("has_vector must have {} rows; had {}", candidates.size, has_vector.size()));
  }

  Column of(const RankingFormula::Variable& variable) const {
    if (variable.normalised) {
      Column values(candidates_.size);
      evaluate_columns(*variable.normalised, candidates_, query_, values);
      normalise(values);
      return values;
    }
    return variable.node->operation == kValue ? slot(variable.node->slot) : feature(variable.node->variable);
  }

 private:
  Column feature(RankingVariable variable) const {
    switch (variable) {
      case RankingVariable::kBm25:
        return finite_column(candidates_.bm25, candidates_.size, "bm25");
      case RankingVariable::kVotes:
        return finite_column(candidates_.votes, candidates_.size, "votes");
      case RankingVariable::kDoclength:
        return finite_column(candidates_.doclength, candidates_.size, "doclength");
      case RankingVariable::kRankWords:
      case RankingVariable::kMaxBm25:
        return over_words(variable);
      default:
        return of_cosine(variable);
    }
  }

  Column over_words(RankingVariable variable) const {
    const Column bm25 = finite_column(candidates_.bm25, candidates_.size, "bm25");
    if (variable == RankingVariable::kRankWords) return ranks(bm25, [&](std::size_t i) { return bm25[i] != 0; });
    return largest(
        bm25, [](std::size_t) { return true; }, std::numeric_limits<double>::min());
  }

  Column of_cosine(RankingVariable variable) const {
    Column cosine = finite_column(candidates_.cosine, candidates_.size, "cosine");
    const auto has_vector = [&](std::size_t i) {
      return candidates_.has_vector.empty() || candidates_.has_vector[i] != 0;
    };
    for (std::size_t i = 0; i < cosine.size(); ++i)
      if (!has_vector(i)) cosine[i] = 0;
    if (variable == RankingVariable::kRankCosine) return ranks(cosine, has_vector);
    if (variable == RankingVariable::kMaxCosine) return largest(cosine, has_vector);
    if (variable == RankingVariable::kDistance)
      std::ranges::transform(cosine, cosine.begin(), [](double x) { return 1 - x; });
    if (variable == RankingVariable::kCloseness) std::ranges::transform(cosine, cosine.begin(), closeness);
    return cosine;
  }

  Column slot(Xapian::valueno slot) const {
    const auto found = candidates_.values.find(slot);
    return finite_column(found == candidates_.values.end() ? Column() : found->second, candidates_.size,
                         fmt::format("value({})", slot));
  }

  const RankingCandidates& candidates_;
  const RankingQuery& query_;
};

}  // namespace

bool is_of_query(const RankingNode& leaf) {
  if (leaf.operation == kVariable) return name_of(leaf.variable).scope == RankingScope::kQuery;
  return leaf.operation == kNumber || leaf.operation == kInput || leaf.operation == kParameter;
}

double query_value(const RankingNode& leaf, const RankingQuery& query) {
  if (leaf.operation == kNumber) return leaf.number;
  if (leaf.operation == kInput) return named_number(query.inputs, leaf.name, "input");
  if (leaf.operation == kParameter) return named_number(query.parameters, leaf.name, "parameter");
  return finite_ranking(query.*name_of(leaf.variable).constant);
}

double hit_value(const RankingNode& leaf, const RankingHit& hit) {
  const double cosine = finite_ranking(hit.cosine);
  switch (leaf.variable) {
    case RankingVariable::kBm25:
      return finite_ranking(hit.bm25);
    case RankingVariable::kVotes:
      return finite_ranking(hit.votes);
    case RankingVariable::kDoclength:
      return finite_ranking(hit.doclength);
    case RankingVariable::kDistance:
      return 1 - cosine;
    case RankingVariable::kCloseness:
      return closeness(cosine);
    default:
      return cosine;
  }
}

void evaluate_columns(const RankingFormula& formula, const RankingCandidates& candidates, const RankingQuery& query,
                      std::span<double> scores) {
  const Columns columns(candidates, query);
  RankingMachine machine = formula.borrow();
  std::vector<std::pair<std::size_t, Column>> varying;
  for (std::size_t i = 0; i < formula.variables().size(); ++i) {
    const RankingFormula::Variable& variable = formula.variables()[i];
    if (is_of_query(*variable.node))
      machine[i] = query_value(*variable.node, query);
    else
      varying.emplace_back(i, columns.of(variable));
  }
  for (std::size_t row = 0; row < scores.size(); ++row) {
    for (const auto& [i, column] : varying) machine[i] = column[row];
    scores[row] = machine.value();
  }
}

}  // namespace vecterm
