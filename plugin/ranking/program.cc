// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/program.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "plugin/ranking/arithmetic.h"

namespace vecterm {
namespace {

using enum RankingOperation;
using Step = RankingProgram::Step;

constexpr std::size_t kRows = 128;
constexpr std::size_t kFewRows = 4;     // that are done sooner one by one
constexpr std::size_t kFewPlaces = 32;  // that need no memory of their own
using Buffer = std::array<double, kRows>;

// Rows that take a step together: the `size` rows from `first` on, or those of them that a condition chose. A place of
// the stack has kRows numbers, those of the rows that take part first; columns have all rows.
struct Block {
  std::uint8_t row(std::size_t i) const { return chosen == nullptr ? static_cast<std::uint8_t>(i) : chosen[i]; }
  Block of(const std::uint8_t* rows, std::size_t count) const { return {operands, stack, first, count, rows}; }

  double* write(std::uint32_t place) const { return stack + (place - operands.size()) * kRows; }

  // The numbers of a place, copied to `buffer` where they do not lie side by side.
  const double* read(std::uint32_t place, double* buffer) const {
    if (place >= operands.size()) return write(place);
    const auto [numbers, number] = operands[place];
    if (numbers != nullptr && chosen == nullptr) return numbers + first;
    if (numbers == nullptr)
      std::fill_n(buffer, size, number);
    else
      std::transform(chosen, chosen + size, buffer, [from = numbers + first](std::uint8_t i) { return from[i]; });
    return buffer;
  }

  std::span<const RankingProgram::Column> operands;
  double* stack;
  std::size_t first;
  std::size_t size;
  const std::uint8_t* chosen = nullptr;  // counted from `first`; null = all
};

void take(const Step& step, double* places) {
  with_function(step.operation, step.operands, [&](auto function) {
    places[step.to] = call(function, [&](std::size_t i) { return places[step.from[i]]; });
  });
}

void take(const Step& step, const Block& block) {
  std::array<Buffer, 3> buffers;
  std::array<const double*, 3> from{};
  for (std::size_t i = 0; i < step.operands; ++i) from[i] = block.read(step.from[i], buffers[i].data());
  double* to = block.write(step.to);
  with_function(step.operation, step.operands, [from, to, size = block.size](auto function) {
    for (std::size_t row = 0; row < size; ++row) to[row] = call(function, [&](std::size_t i) { return from[i][row]; });
  });
}

void run(const Step* step, const Step* end, double* places) {
  while (step != end) {
    if (step->operands != 0)
      take(*step++, places);
    else
      step += step->operation == kIf && places[step->from[0]] != 0 ? 1 : step->skip;
  }
}

void run(const Step* step, const Step* end, const Block& block);

// Each row takes one choice only, the first one up to the jump over the second.
void choose(const Step* step, const Block& block) {
  Buffer yes_values;
  const double* condition = block.read(step->from[0], yes_values.data());
  const auto yes = block.size - static_cast<std::size_t>(std::count(condition, condition + block.size, 0.0));
  const Step* second = step + step->skip;
  if (yes == block.size) return run(step + 1, second - 1, block);
  if (yes == 0) return run(second, step + step->end, block);
  std::array<bool, kRows> truth;
  std::array<std::uint8_t, kRows> chosen;
  for (std::size_t i = 0, a = 0, b = yes; i < block.size; ++i) {
    truth[i] = condition[i] != 0;
    chosen[truth[i] ? a++ : b++] = block.row(i);
  }
  double* to = block.write(step->to);
  run(step + 1, second - 1, block.of(chosen.data(), yes));
  std::copy_n(to, yes, yes_values.data());
  run(second, step + step->end, block.of(chosen.data() + yes, block.size - yes));
  // From behind, so that none is overwritten that has yet to move.
  for (std::size_t i = block.size, a = yes, b = block.size - yes; i-- > 0;)
    to[i] = truth[i] ? yes_values[--a] : to[--b];
}

void run(const Step* step, const Step* end, const Block& block) {
  while (step != end) {
    if (step->operands != 0) {
      take(*step++, block);
    } else {
      choose(step, block);
      step += step->end;
    }
  }
}

// The values of an operand that is the whole program.
void alone(const RankingProgram::Column& column, std::span<double> values) {
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = defined_ranking(column[row]);
}

}  // namespace

class RankingProgram::Compiler {
 public:
  explicit Compiler(RankingProgram& program) : program_(program) {}

  void compile(const RankingTree& tree) {
    find_operands(tree);
    stack_ = static_cast<std::uint32_t>(program_.operands_.size());
    program_.result_ = add(tree, stack_);
  }

 private:
  void find_operands(const RankingTree& tree) {
    if (!tree->of_query && !tree->is_leaf() && tree->operation != kMinmax) {
      for (const RankingTree& operand : tree->operands) find_operands(operand);
      return;
    }
    const auto [known, added] = texts_.try_emplace(print_ranking(tree), program_.operands_.size());
    operands_[tree.get()] = known->second;
    if (!added) return;
    const bool normalises = !tree->of_query && tree->operation == kMinmax;
    program_.operands_.push_back(
        {tree, normalises ? std::make_unique<const RankingProgram>(tree->operands[0]) : nullptr});
  }

  // The place where the tree's value will lie: an operand's, or `free`, the first place of the stack that is.
  std::uint32_t add(const RankingTree& tree, std::uint32_t free) {
    if (const auto found = operands_.find(tree.get()); found != operands_.end()) return found->second;
    program_.depth_ = std::max<std::size_t>(program_.depth_, free - stack_ + 1);
    const auto& operands = tree->operands;
    if (tree->operation == kIf && !(operands_.contains(operands[1].get()) && operands_.contains(operands[2].get())))
      return add_choice(operands, free);
    Step step{.operation = tree->operation, .operands = static_cast<std::uint32_t>(operands.size()), .to = free};
    std::uint32_t next = free;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      step.from[i] = add(operands[i], next);
      if (step.from[i] == next) ++next;
    }
    program_.steps_.push_back(step);
    return free;
  }

  // A jump kIf, the steps of the first choice, a jump over the second, its steps.
  std::uint32_t add_choice(const std::vector<RankingTree>& operands, std::uint32_t free) {
    std::vector<Step>& steps = program_.steps_;
    const auto since = [&](std::size_t step) { return static_cast<std::uint32_t>(steps.size() - step); };
    const std::uint32_t condition = add(operands[0], free);
    const std::size_t choice = steps.size();
    steps.push_back({.operation = kIf, .from = {condition}, .to = free});
    add_to(operands[1], free);
    const std::size_t jump = steps.size();
    steps.push_back({.operation = kNumber});
    steps[choice].skip = since(choice);
    add_to(operands[2], free);
    steps[choice].end = since(choice);
    steps[jump].skip = since(jump);
    return free;
  }

  void add_to(const RankingTree& tree, std::uint32_t place) {
    const std::uint32_t found = add(tree, place);
    if (found != place) program_.steps_.push_back({.operation = kNumber, .operands = 1, .from = {found}, .to = place});
  }

  RankingProgram& program_;
  std::uint32_t stack_ = 0;
  std::map<std::string, std::uint32_t> texts_;
  std::map<const RankingNode*, std::uint32_t> operands_;
};

RankingProgram::RankingProgram(const RankingTree& tree) { Compiler(*this).compile(tree); }

double RankingProgram::value(std::span<double> places) const {
  run(steps_.data(), steps_.data() + steps_.size(), places.data());
  return defined_ranking(places[result_]);
}

void RankingProgram::values(std::span<const Column> operands, std::span<double> values) const {
  if (steps_.empty()) return alone(operands[result_], values);
  if (values.size() < kFewRows) return row_by_row(operands, values);
  const auto stack = std::make_unique_for_overwrite<double[]>(depth_ * kRows);
  for (std::size_t first = 0; first < values.size(); first += kRows) {
    const Block block{operands, stack.get(), first, std::min(kRows, values.size() - first)};
    run(steps_.data(), steps_.data() + steps_.size(), block);
    const double* found = block.write(result_);
    std::transform(found, found + block.size, values.begin() + static_cast<std::ptrdiff_t>(first), defined_ranking);
  }
}

void RankingProgram::row_by_row(std::span<const Column> operands, std::span<double> values) const {
  std::array<double, kFewPlaces> few;
  std::vector<double> many;
  if (places() > few.size()) many.resize(places());
  const std::span<double> numbers = many.empty() ? std::span<double>(few) : many;
  for (std::size_t row = 0; row < values.size(); ++row) {
    for (std::size_t i = 0; i < operands.size(); ++i) numbers[i] = operands[i][row];
    values[row] = value(numbers);
  }
}

}  // namespace vecterm
