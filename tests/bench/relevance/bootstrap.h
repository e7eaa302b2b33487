// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace vecterm::bench {

/// A mean over queries, and the interval between the 2.5th and the 97.5th percentile of its bootstrap resamples.
struct Estimate {
  double mean = 0;
  double low = 0;
  double high = 0;
};

/// The means of columns by 10,000 resamples of the rows, the same for all columns and in every run: a column of
/// differences makes a paired comparison (Efron, Bootstrap methods: another look at the jackknife, The Annals of
/// Statistics 7(1), 1979). REQUIRES: at least one row.
/// @param values  row-major, queries x columns
std::vector<Estimate> bootstrap(std::span<const double> values, std::size_t columns);

}  // namespace vecterm::bench
