// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/word_rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "analyzers/dictionary.h"
#include "analyzers/rows/simd.h"

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
void pull(float* row, std::span<const float> old, float rest) {
  for (std::size_t i = 0; i < old.size(); ++i) row[i] = old[i] + rest * (row[i] - old[i]);
}

/// The sum of what is active.
void active_sum(const float* matrix, std::span<const Share<float>> shares, std::span<const std::uint8_t> active,
                std::vector<Share<float>>& kept, std::span<float> out) {
  kept.clear();
  for (const Share<float>& share : shares)
    if (active[share.row] != 0) kept.push_back(share);
  weighted_sum(matrix, kept, out);
}

}  // namespace

WordRows::WordRows(const Vocabulary& vocabulary, const TrainingOptions& options, Random random)
    : dimensions_(aligned_dimensions(options.dimensions)),
      in_bags_(vocabulary.size()),
      in_mixtures_(options.hash_rows) {
  const std::size_t rows = options.hash_rows > 0 ? options.hash_rows : vocabulary.size();
  state_.rows.resize(rows * dimensions_);
  state_.squares.resize(rows);
  const double deviation = 1 / std::sqrt(static_cast<double>(options.dimensions));
  for (std::size_t row = 0; row < rows; ++row) {
    // Most bigrams are rare and little is learned of them: what they begin with would stay in them.
    if (options.hash_rows == 0 && vocabulary.is_bigram(row)) continue;
    for (std::size_t i = 0; i < options.dimensions; ++i)
      state_.rows[row * dimensions_ + i] = static_cast<float>(random.normal() * deviation);
  }
  if (options.hash_rows > 0) start_mixtures(vocabulary.entries);
}

void WordRows::start_mixtures(std::span<const std::string> entries) {
  const std::size_t rows = state_.squares.size();
  for (const std::string& entry : entries)
    for (const std::size_t component : components_of(entry, rows))
      components_.push_back(static_cast<std::uint32_t>(component));
  state_.mixing.assign(2 * entries.size(), kFirstWeight);
  state_.mixing_squares.resize(entries.size());
}

void WordRows::anchor(const OldRows& old, std::span<const std::uint32_t> numbers, double strength) {
  old_ = &old;
  old_numbers_ = numbers;
  anchor_ = strength;
  for (std::uint32_t row = 0; row < state_.squares.size(); ++row)
    std::ranges::copy(old_row(row), state_.rows.begin() + static_cast<std::ptrdiff_t>(row * dimensions_));
  for (std::size_t entry = 0; entry < state_.mixing_squares.size(); ++entry)
    if (const std::uint32_t number = numbers[entry]; number != Vocabulary::kNone)
      std::copy_n(&old.mixing[2 * std::size_t{number}], 2, &state_.mixing[2 * entry]);
}

/// Empty where there is none.
std::span<const float> WordRows::old_row(std::uint32_t row) const {
  if (old_ == nullptr) return {};
  const std::uint32_t number = is_hashed() ? row : old_numbers_[row];
  if (number == Vocabulary::kNone) return {};
  return old_->rows.span().subspan(number * old_->dimensions, old_->dimensions);
}

WordRows::Mixture WordRows::mixture(std::uint32_t entry) const {
  const std::size_t first = 2 * std::size_t{entry};
  return {{{components_[first], state_.mixing[first]}, {components_[first + 1], state_.mixing[first + 1]}}};
}

void WordRows::sum(std::span<const Share<float>> bag, std::span<float> out) const {
  if (!is_hashed()) return weighted_sum(state_.rows.data(), bag, out);
  std::vector<Share<float>> components;
  components.reserve(2 * bag.size());
  for (const auto& [entry, factor] : bag)
    for (const auto& [component, weight] : mixture(entry)) components.push_back({component, factor * weight});
  weighted_sum(state_.rows.data(), components, out);
}

void WordRows::collect(std::span<const std::span<const Share<float>>> bags) {
  in_bags_.collect(bags);
  if (!is_hashed()) return;
  mixtures_.clear();
  for (std::size_t i = 0; i < in_bags_.size(); ++i) mixtures_.push_back(mixture(in_bags_.row(i)));
  const std::vector<std::span<const Share<float>>> sums(mixtures_.begin(), mixtures_.end());
  in_mixtures_.collect(sums);
}

std::size_t WordRows::step(const float* gradients, std::span<const std::uint8_t> active, double rate, double max_norm,
                           ThreadPool& threads) {
  if (!is_hashed()) return learn(in_bags_, gradients, active, rate, max_norm, threads);
  const std::size_t unusable = mix(gradients, active, rate, threads);
  return unusable + learn(in_mixtures_, entry_gradients_.data(), active_, rate, max_norm, threads);
}

/// One step of the rows.
std::size_t WordRows::learn(const RowMembers& members, const float* gradients, std::span<const std::uint8_t> active,
                            double rate, double max_norm, ThreadPool& threads) {
  std::atomic<std::size_t> unusable = 0;
  threads.for_each(members.size(), 128, [&](std::size_t begin, std::size_t end) {
    AlignedFloats gradient(dimensions_);
    std::vector<Share<float>> kept;
    for (std::size_t i = begin; i < end; ++i) {
      active_sum(gradients, members.sums(i), active, kept, gradient);
      if (!update(members.row(i), gradient, rate, max_norm)) ++unusable;
    }
  });
  return unusable;
}

/// One step of the weights of components, and the gradients of the entries' vectors.
std::size_t WordRows::mix(const float* gradients, std::span<const std::uint8_t> active, double rate,
                          ThreadPool& threads) {
  entry_gradients_.resize(in_bags_.size() * dimensions_);
  active_.resize(in_bags_.size());
  std::atomic<std::size_t> unusable = 0;
  threads.for_each(in_bags_.size(), 128, [&](std::size_t begin, std::size_t end) {
    std::vector<Share<float>> kept;
    for (std::size_t i = begin; i < end; ++i) {
      const auto gradient = std::span(entry_gradients_).subspan(i * dimensions_, dimensions_);
      active_sum(gradients, in_bags_.sums(i), active, kept, gradient);
      active_[i] = kept.empty() ? 0 : 1;
      if (!update_mixing(in_bags_.row(i), gradient, rate)) ++unusable;
    }
  });
  return unusable;
}

/// @returns whether the gradient is finite
bool WordRows::update(std::uint32_t row, std::span<const float> gradient, double rate, double max_norm) {
  const double square = lane_dot<float>(gradient, gradient);
  if (!std::isfinite(square)) return false;
  if (!(square > 0)) return true;
  double& squares = state_.squares[row];
  squares += square;
  float* const values = state_.rows.data() + row * dimensions_;
  const double own_rate = rate / std::sqrt(squares);
  const double norm = std::sqrt(double{descend(values, gradient.data(), static_cast<float>(own_rate), dimensions_)});
  const std::span<const float> old = old_row(row);
  const double longest = std::max(max_norm, std::sqrt(lane_dot<float>(old, old)));
  if (norm > longest) shorten(values, static_cast<float>(longest / norm), dimensions_);
  if (!old.empty() && anchor_ > 0) pull(values, old, static_cast<float>(1 - std::min(1.0, own_rate * anchor_)));
  return true;
}

/// @param gradient  of the entry's vector; @returns whether it is finite
bool WordRows::update_mixing(std::uint32_t entry, std::span<const float> gradient, double rate) {
  double by_weight[2];
  const Mixture parts = mixture(entry);
  for (std::size_t k = 0; k < 2; ++k)
    by_weight[k] = lane_dot<float>(gradient, std::span(state_.rows).subspan(parts[k].row * dimensions_, dimensions_));
  const double square = by_weight[0] * by_weight[0] + by_weight[1] * by_weight[1];
  if (!std::isfinite(square)) return false;
  if (!(square > 0)) return true;
  double& squares = state_.mixing_squares[entry];
  squares += square;
  const double own_rate = kMixingRate * rate / std::sqrt(squares);
  const std::size_t first = 2 * std::size_t{entry};
  for (std::size_t k = 0; k < 2; ++k) state_.mixing[first + k] -= static_cast<float>(own_rate * by_weight[k]);
  if (old_ != nullptr && old_numbers_[entry] != Vocabulary::kNone && anchor_ > 0)
    pull(&state_.mixing[first], std::span(old_->mixing).subspan(2 * std::size_t{old_numbers_[entry]}, 2),
         static_cast<float>(1 - std::min(1.0, own_rate * anchor_)));
  return true;
}

}  // namespace vecterm
