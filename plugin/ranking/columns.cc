// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "analyzers/errors.h"
#include "plugin/ranking/arithmetic.h"

namespace vecterm {
namespace {

using enum RankingOperation;

using Numbers = std::vector<double>;
using Column = RankingProgram::Column;

double named_number(const std::map<std::string, double, std::less<>>& numbers, const std::string& name,
                    std::string_view what) {
  const auto found = numbers.find(name);
  if (found == numbers.end())
    throw InvalidArgument(fmt::format("{} '{}' of the ranking expression must be given; was not", what, name));
  return finite_ranking(found->second);
}

void normalise(Numbers& values) {
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  // Halves, where the difference itself would overflow.
  const double scale = std::isinf(high - low) ? 0.5 : 1;
  const double range = scale * high - scale * low;
  for (double& value : values) value = range > 0 ? (scale * value - scale * low) / range : 0;
}

// The columns of some candidates; what is computed lives as long as this does.
class Columns {
 public:
  Columns(const RankingCandidates& candidates, const RankingQuery& query) : candidates_(candidates), query_(query) {
    const auto& has_vector = candidates.has_vector;
    if (!has_vector.empty() && has_vector.size() != candidates.size)
      throw InvalidArgument(fmt::format("has_vector must have {} rows; had {}", candidates.size, has_vector.size()));
  }

  Column of(const RankingProgram::Operand& operand) {
    const RankingNode& node = *operand.node;
    if (node.of_query) return {nullptr, query_value(node, query_)};
    if (node.operation == kValue) return of(node.slot);
    if (node.operation == kVariable) return of(node.variable);
    Numbers values(candidates_.size);
    evaluate_columns(*operand.normalised, candidates_, query_, values);
    normalise(values);
    return keep(std::move(values));
  }

  Column of(RankingVariable variable) {
    switch (variable) {
      case RankingVariable::kBm25:
        return finite(candidates_.bm25, [] { return "bm25"; });
      case RankingVariable::kVotes:
        return finite(candidates_.votes, [] { return "votes"; });
      case RankingVariable::kDoclength:
        return finite(candidates_.doclength, [] { return "doclength"; });
      case RankingVariable::kRankWords:
      case RankingVariable::kMaxBm25:
        return over_words(variable);
      default:
        return of_cosine(variable);
    }
  }

  Column of(Xapian::valueno slot) {
    const auto found = candidates_.values.find(slot);
    if (found == candidates_.values.end()) return {};
    return finite(found->second, [&] { return fmt::format("value({})", slot); });
  }

 private:
  Column keep(Numbers numbers) { return {kept_.emplace_back(std::move(numbers)).data()}; }

  Column finite(const Numbers& given, const auto& name) {
    if (given.empty()) return {};
    if (given.size() != candidates_.size)
      throw InvalidArgument(fmt::format("{} must have {} rows; had {}", name(), candidates_.size, given.size()));
    if (std::ranges::all_of(given, [](double x) { return std::isfinite(x); })) return {given.data()};
    return each({given.data()}, finite_ranking);
  }

  Column each(const Column& column, const auto& function) {
    if (column.numbers == nullptr) return {nullptr, function(column.number)};
    Numbers numbers(candidates_.size);
    std::transform(column.numbers, column.numbers + candidates_.size, numbers.begin(), function);
    return keep(std::move(numbers));
  }

  Column over_words(RankingVariable variable) {
    const Column bm25 = of(RankingVariable::kBm25);
    if (variable == RankingVariable::kRankWords) return ranks(bm25, [&](std::size_t i) { return bm25[i] != 0; });
    return largest(
        bm25, [](std::size_t) { return true; }, std::numeric_limits<double>::min());
  }

  Column of_cosine(RankingVariable variable) {
    const auto& has_vector = candidates_.has_vector;
    const auto has = [&](std::size_t i) { return has_vector.empty() || has_vector[i] != 0; };
    const Column cosine = cosines();
    switch (variable) {
      case RankingVariable::kRankCosine:
        return ranks(cosine, has);
      case RankingVariable::kMaxCosine:
        return largest(cosine, has, -kInfinity);
      case RankingVariable::kDistance:
        return each(cosine, ranking_distance);
      case RankingVariable::kCloseness:
        return each(cosine, ranking_closeness);
      default:
        return cosine;
    }
  }

  Column cosines() {
    const auto& has_vector = candidates_.has_vector;
    const Column given = finite(candidates_.cosine, [] { return "cosine"; });
    if (given.numbers == nullptr || has_vector.empty()) return given;
    Numbers numbers(candidates_.size);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = has_vector[i] != 0 ? given[i] : 0;
    return keep(std::move(numbers));
  }

  // Places by falling value from 1, ties by row; infinity where `counts` says no.
  Column ranks(const Column& values, const auto& counts) {
    std::vector<std::uint32_t> order;
    order.reserve(candidates_.size);
    for (std::uint32_t i = 0; i < candidates_.size; ++i)
      if (counts(i)) order.push_back(i);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      return values[a] != values[b] ? values[a] > values[b] : a < b;
    });
    Numbers ranked(candidates_.size, kInfinity);
    for (std::size_t place = 0; place < order.size(); ++place) ranked[order[place]] = static_cast<double>(place + 1);
    return keep(std::move(ranked));
  }

  Column largest(const Column& values, const auto& counts, double least) const {
    double found = least;
    for (std::size_t i = 0; i < candidates_.size; ++i)
      if (counts(i)) found = std::max(found, values[i]);
    return {nullptr, finite_ranking(found)};
  }

  const RankingCandidates& candidates_;
  const RankingQuery& query_;
  std::vector<Numbers> kept_;
};

Numbers defined(const Column& column, std::size_t size) {
  Numbers numbers(size);
  for (std::size_t i = 0; i < size; ++i) numbers[i] = defined_ranking(column[i]);
  return numbers;
}

}  // namespace

double query_value(const RankingNode& node, const RankingQuery& query) {
  if (node.operation == kNumber) return node.number;
  if (node.operation == kInput) return named_number(query.inputs, node.name, "input");
  if (node.operation == kParameter) return named_number(query.parameters, node.name, "parameter");
  if (node.operation == kVariable) return finite_ranking(query.*name_of(node.variable).constant);
  std::array<double, 3> operands{};
  for (std::size_t i = 0; i < node.operands.size(); ++i) operands[i] = query_value(*node.operands[i], query);
  if (node.operation == kMinmax) return 0;  // of what is the same for all
  return with_function(node.operation, node.operands.size(),
                       [&](auto function) { return call(function, [&](std::size_t i) { return operands[i]; }); });
}

void evaluate_columns(const RankingProgram& program, const RankingCandidates& candidates, const RankingQuery& query,
                      std::span<double> scores) {
  Columns columns(candidates, query);
  std::vector<Column> operands;
  operands.reserve(program.operands().size());
  for (const RankingProgram::Operand& operand : program.operands()) operands.push_back(columns.of(operand));
  program.values(operands, scores);
}

std::vector<double> ranking_column(RankingVariable variable, const RankingCandidates& candidates,
                                   const RankingQuery& query) {
  const RankingVariableName& entry = name_of(variable);
  if (entry.scope == RankingScope::kQuery) return Numbers(candidates.size, finite_ranking(query.*entry.constant));
  return defined(Columns(candidates, query).of(variable), candidates.size);
}

std::vector<double> ranking_column(Xapian::valueno slot, const RankingCandidates& candidates) {
  return defined(Columns(candidates, {}).of(slot), candidates.size);
}

}  // namespace vecterm
