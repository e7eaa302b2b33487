// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_rows.h"

#include <bit>
#include <cmath>

#include "analyzers/simd.h"

namespace vecterm {
namespace {

// row -= factor * gradient; returns |row|^2, summed in sixteen lanes.
VECTERM_SIMD float descend(float* row, const float* gradient, float factor, std::size_t dimensions) {
  float lanes[16] = {};
  std::size_t i = 0;
  for (; i + 16 <= dimensions; i += 16)
    for (std::size_t lane = 0; lane < 16; ++lane) {
      row[i + lane] -= factor * gradient[i + lane];
      lanes[lane] += row[i + lane] * row[i + lane];
    }
  for (std::size_t lane = 0; i < dimensions; ++i, ++lane) {
    row[i] -= factor * gradient[i];
    lanes[lane] += row[i] * row[i];
  }
  for (std::size_t width = 8; width > 0; width /= 2)
    for (std::size_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  return lanes[0];
}

}  // namespace

WordRows::WordRows(std::size_t rows, std::size_t dimensions, Random random) : dimensions_(dimensions), slots_(rows) {
  state_.rows.resize(rows * dimensions);
  state_.squares.resize(rows);
  const double deviation = 1 / std::sqrt(static_cast<double>(dimensions));
  for (float& value : state_.rows) value = static_cast<float>(random.normal() * deviation);
}

// The rows whose number is `number` modulo the number of parts, a power of two.
void WordRows::collect(std::span<const std::span<const Share<float>>> bags, std::size_t number, Part& part) {
  const std::size_t mask = parts_.size() - 1;
  for (const std::uint32_t row : part.rows) slots_[row] = 0;
  part.rows.clear();
  part.ends.clear();
  for (const auto& bag : bags)
    for (const Share<float>& word : bag) {
      if ((word.row & mask) != number) continue;
      std::uint32_t& slot = slots_[word.row];
      if (slot == 0) {
        part.rows.push_back(word.row);
        part.ends.push_back(0);
        slot = static_cast<std::uint32_t>(part.rows.size());
      }
      ++part.ends[slot - 1];
    }
  std::size_t total = 0;
  for (std::size_t& end : part.ends) {  // for now the start; filling moves it to the end
    const std::size_t count = end;
    end = total;
    total += count;
  }
  part.members.resize(total);
  for (std::size_t b = 0; b < bags.size(); ++b)
    for (const Share<float>& word : bags[b])
      if ((word.row & mask) == number)
        part.members[part.ends[slots_[word.row] - 1]++] = {static_cast<std::uint32_t>(b), word.factor};
}

void WordRows::update(Part& part, const float* gradients, double rate, double max_norm) {
  std::vector<float> gradient(dimensions_);
  part.unusable = 0;
  for (std::size_t s = 0; s < part.rows.size(); ++s) {
    const std::size_t start = s == 0 ? 0 : part.ends[s - 1];
    weighted_sum(gradients, std::span<const Share<float>>(part.members).subspan(start, part.ends[s] - start),
                 std::span(gradient));
    const double square = lane_dot<float>(gradient, gradient);
    if (!std::isfinite(square)) ++part.unusable;
    if (!(square > 0) || !std::isfinite(square)) continue;
    double& squares = state_.squares[part.rows[s]];
    squares += square;
    float* const row = state_.rows.data() + part.rows[s] * dimensions_;
    const auto factor = static_cast<float>(rate / std::sqrt(squares));
    const double norm = std::sqrt(double{descend(row, gradient.data(), factor, dimensions_)});
    if (norm <= max_norm) continue;
    const auto shrink = static_cast<float>(max_norm / norm);
    for (std::size_t i = 0; i < dimensions_; ++i) row[i] *= shrink;
  }
}

std::size_t WordRows::step(std::span<const std::span<const Share<float>>> bags, const float* gradients, double rate,
                           double max_norm, ThreadPool& threads) {
  if (parts_.empty()) parts_.resize(std::bit_ceil(threads.size()));
  threads.for_each(parts_.size(), 1, [&](std::size_t number, std::size_t) {
    collect(bags, number, parts_[number]);
    update(parts_[number], gradients, rate, max_norm);
  });
  std::size_t unusable = 0;
  for (const Part& part : parts_) unusable += part.unusable;
  return unusable;
}

}  // namespace vecterm
