// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_rows.h"

#include <algorithm>
#include <cmath>

#include "analyzers/parallel.h"

namespace vecterm {

WordRows::WordRows(std::size_t rows, std::size_t dimensions, Random random)
    : dimensions_(dimensions), rows_(rows * dimensions), squares_(rows), slots_(rows) {
  const double deviation = 1 / std::sqrt(static_cast<double>(dimensions));
  for (float& value : rows_) value = static_cast<float>(random.normal() * deviation);
}

void WordRows::collect(std::span<const std::span<const Share<float>>> bags) {
  for (const std::uint32_t row : step_rows_) slots_[row] = 0;
  step_rows_.clear();
  ends_.clear();
  for (const auto& bag : bags)
    for (const Share<float>& word : bag) {
      std::uint32_t& slot = slots_[word.row];
      if (slot == 0) {
        step_rows_.push_back(word.row);
        ends_.push_back(0);
        slot = static_cast<std::uint32_t>(step_rows_.size());
      }
      ++ends_[slot - 1];
    }
  std::size_t total = 0;
  for (std::size_t& end : ends_) {  // for now the start; filling moves it to the end
    const std::size_t count = end;
    end = total;
    total += count;
  }
  members_.resize(total);
  for (std::size_t b = 0; b < bags.size(); ++b)
    for (const Share<float>& word : bags[b])
      members_[ends_[slots_[word.row] - 1]++] = {static_cast<std::uint32_t>(b), word.factor};
}

void WordRows::step(std::span<const std::span<const Share<float>>> bags, const float* gradients, double rate,
                    double max_norm, unsigned threads) {
  collect(bags);
  parallel_for(step_rows_.size(), 256, threads, [&](std::size_t begin, std::size_t end) {
    std::vector<float> gradient(dimensions_);
    for (std::size_t s = begin; s < end; ++s) {
      const std::size_t start = s == 0 ? 0 : ends_[s - 1];
      const auto members = std::span<const Share<float>>(members_).subspan(start, ends_[s] - start);
      weighted_sum(gradients, members, std::span(gradient));
      update(step_rows_[s], gradient, rate, max_norm);
    }
  });
}

void WordRows::update(std::uint32_t r, std::span<const float> gradient, double rate, double max_norm) {
  const double square = lane_dot<float>(gradient, gradient);
  if (!(square > 0) || !std::isfinite(square)) return;
  squares_[r] += square;
  const float factor = static_cast<float>(rate / std::sqrt(squares_[r]));
  const std::span<float> row = std::span(rows_).subspan(r * dimensions_, dimensions_);
  for (std::size_t i = 0; i < dimensions_; ++i) row[i] -= factor * gradient[i];
  const double norm = std::sqrt(lane_dot<float>(row, row));
  if (norm <= max_norm) return;
  const float shrink = static_cast<float>(max_norm / norm);
  for (float& value : row) value *= shrink;
}

}  // namespace vecterm
