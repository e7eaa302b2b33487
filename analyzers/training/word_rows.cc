// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "analyzers/simd.h"
#include "analyzers/training/vocabulary.h"

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

void shorten(float* row, float factor, std::size_t dimensions) {
  for (std::size_t i = 0; i < dimensions; ++i) row[i] *= factor;
}

/// What is left of the way from `old` is `rest` of it; where that is 0, the row is `old`.
void pull(float* row, const float* old, float rest, std::size_t dimensions) {
  for (std::size_t i = 0; i < dimensions; ++i) row[i] = old[i] + rest * (row[i] - old[i]);
}

}  // namespace

WordRows::WordRows(std::size_t rows, std::size_t dimensions, Random random)
    : dimensions_(aligned_dimensions(dimensions)), slots_(rows) {
  state_.rows.resize(rows * dimensions_);
  state_.squares.resize(rows);
  const double deviation = 1 / std::sqrt(static_cast<double>(dimensions));
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < dimensions; ++i)
      state_.rows[row * dimensions_ + i] = static_cast<float>(random.normal() * deviation);
}

void WordRows::anchor(const Dictionary& old, std::span<const std::uint32_t> numbers, double strength) {
  old_ = &old;
  old_rows_ = numbers;
  anchor_ = strength;
  for (std::uint32_t row = 0; row < numbers.size(); ++row)
    copy_old(row, std::span(state_.rows).subspan(row * dimensions_, dimensions_));
}

/// @returns whether the row has an old one
bool WordRows::copy_old(std::uint32_t row, std::span<float> out) const {
  if (old_ == nullptr || old_rows_[row] == Vocabulary::kNone) return false;
  old_->copy_vector(old_rows_[row], out.first(old_->dimensions()));
  return true;
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

/// @returns whether the gradient is finite
bool WordRows::update(std::uint32_t row, std::span<const float> gradient, double rate, double max_norm,
                      std::span<float> old) {
  const double square = lane_dot<float>(gradient, gradient);
  if (!std::isfinite(square)) return false;
  if (!(square > 0)) return true;
  double& squares = state_.squares[row];
  squares += square;
  float* const values = state_.rows.data() + row * dimensions_;
  const double own_rate = rate / std::sqrt(squares);
  const double norm = std::sqrt(double{descend(values, gradient.data(), static_cast<float>(own_rate), dimensions_)});
  const bool has_old = copy_old(row, old);
  const double longest = has_old ? std::max(max_norm, std::sqrt(lane_dot<float>(old, old))) : max_norm;
  if (norm > longest) shorten(values, static_cast<float>(longest / norm), dimensions_);
  if (has_old && anchor_ > 0)
    pull(values, old.data(), static_cast<float>(1 - std::min(1.0, own_rate * anchor_)), dimensions_);
  return true;
}

std::size_t WordRows::step(const float* gradients, std::span<const std::uint8_t> active, double rate, double max_norm,
                           ThreadPool& threads) {
  std::atomic<std::size_t> unusable = 0;
  threads.for_each(step_rows_.size(), 128, [&](std::size_t begin, std::size_t end) {
    AlignedFloats gradient(dimensions_);
    AlignedFloats old(dimensions_);
    std::vector<Share<float>> members;
    for (std::size_t s = begin; s < end; ++s) {
      members.clear();
      for (std::size_t m = s == 0 ? 0 : ends_[s - 1]; m < ends_[s]; ++m)
        if (active[members_[m].row] != 0) members.push_back(members_[m]);
      if (members.empty()) continue;
      weighted_sum(gradients, members, std::span(gradient));
      if (!update(step_rows_[s], gradient, rate, max_norm, old)) ++unusable;
    }
  });
  return unusable;
}

}  // namespace vecterm
