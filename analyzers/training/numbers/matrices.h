// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Products and decompositions, by Eigen, whose headers only matrices.cc includes. Matrices are row-major. All
/// results have the same bits on any processor of an architecture.
namespace vecterm {

/// The orthogonal matrix Q that makes the trace of Q^T A largest, which is also the nearest to A: the U of its polar
/// decomposition A = U H. By Newton's iteration with scaling (Higham, "Computing the polar decomposition, with
/// applications", SIAM J. Sci. Stat. Comput. 1986). Of the many that a singular A has, one is taken that turns little:
/// what A maps to nothing stays as it is where nothing else must lie there.
/// @param matrix  d x d
/// @throws DataError for a number that is not finite
std::vector<double> nearest_orthogonal(std::span<const double> matrix, std::size_t d);

/// sums += A^T B
/// @param a, b  n x d
/// @param sums  d x d
void add_products(std::span<const double> a, std::span<const double> b, std::size_t d, std::span<double> sums);

/// A B
/// @param a  n x d
/// @param b  d x d
std::vector<double> product(std::span<const double> a, std::span<const double> b, std::size_t d);

/// The coordinates of rows along the directions of their largest variance, the mean taken off; by the power method,
/// with those found before taken out (deflation). The component of a direction that is largest is positive.
/// @param rows   n x d
/// @param count  how many directions, at most d
/// @returns n x count
std::vector<double> principal_components(std::span<const float> rows, std::size_t d, std::size_t count);

/// Eigenvalues, the largest first, and their unit eigenvectors, the columns of a row-major matrix.
struct Eigensystem {
  std::vector<double> values;
  std::vector<double> vectors;
};

/// Of a symmetric matrix. The component of a vector that is largest is positive.
/// @param matrix  d x d
Eigensystem symmetric_eigen(std::span<const double> matrix, std::size_t d);

}  // namespace vecterm
