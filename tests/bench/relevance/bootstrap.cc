// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/relevance/bootstrap.h"

#include <algorithm>
#include <random>

namespace vecterm::bench {
namespace {

constexpr std::size_t kResamples = 10000;
constexpr std::size_t kTail = kResamples / 40;
constexpr std::uint64_t kSeed = 1;

void add_row(std::span<const double> values, std::size_t row, std::span<double> sums) {
  const double* from = values.data() + row * sums.size();
  for (std::size_t column = 0; column < sums.size(); ++column) sums[column] += from[column];
}

// Row-major, resamples x columns.
std::vector<double> resampled_sums(std::span<const double> values, std::size_t columns) {
  const std::size_t rows = values.size() / columns;
  std::mt19937_64 random(kSeed);
  std::vector<double> sums(kResamples * columns);
  for (std::size_t resample = 0; resample < kResamples; ++resample)
    for (std::size_t drawn = 0; drawn < rows; ++drawn)
      add_row(values, (random() >> 32) * rows >> 32, std::span(sums).subspan(resample * columns, columns));
  return sums;
}

}  // namespace

std::vector<Estimate> bootstrap(std::span<const double> values, std::size_t columns) {
  const std::size_t rows = values.size() / columns;
  const auto n = static_cast<double>(rows);
  std::vector<double> sums(columns);
  for (std::size_t row = 0; row < rows; ++row) add_row(values, row, sums);
  const std::vector<double> resampled = resampled_sums(values, columns);
  std::vector<Estimate> estimates;
  for (std::size_t column = 0; column < columns; ++column) {
    std::vector<double> of_column;
    for (std::size_t i = column; i < resampled.size(); i += columns) of_column.push_back(resampled[i]);
    std::ranges::sort(of_column);
    estimates.push_back({sums[column] / n, of_column[kTail] / n, of_column[kResamples - 1 - kTail] / n});
  }
  return estimates;
}

}  // namespace vecterm::bench
