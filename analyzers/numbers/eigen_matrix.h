// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

/// Matrices on their way into Eigen and back. Its headers take longer to compile than any source of ours, so only the
/// doors to it include this: orthogonal_factor.cc and the matrices of training.
namespace vecterm {

using Eigen::MatrixXd;
template <class Number>
using Rows = Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Eigen cuts long sums by the size of the processor's cache. With one size for all, they are cut alike everywhere.
inline void fix_cache_sizes() {
  static const bool fixed = [] {
    Eigen::setCpuCacheSizes(std::ptrdiff_t{1} << 15U, std::ptrdiff_t{1} << 19U, std::ptrdiff_t{1} << 24U);
    return true;
  }();
  static_cast<void>(fixed);
}

// Column-major for all that follows: each order of a factor makes the compiler write a matrix product of its own.
template <class Number>
MatrixXd matrix_of(std::span<const Number> values, std::size_t columns) {
  fix_cache_sizes();
  return Eigen::Map<const Rows<Number>>(values.data(), static_cast<Eigen::Index>(values.size() / columns),
                                        static_cast<Eigen::Index>(columns))
      .template cast<double>();
}

inline std::vector<double> row_major(const MatrixXd& matrix) {
  std::vector<double> values(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<Rows<double>>(values.data(), matrix.rows(), matrix.cols()) = matrix;
  return values;
}

}  // namespace vecterm
