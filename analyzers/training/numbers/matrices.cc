// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/numbers/matrices.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "analyzers/errors.h"
#include "analyzers/numbers/eigen_matrix.h"
#include "analyzers/numbers/random.h"

namespace vecterm {
namespace {

using Eigen::VectorXd;

constexpr double kConverged = 1e-8;  // the next step's change is the square of this one's
constexpr int kMostSteps = 50;       // ten are needed where the condition is 1e16
constexpr double kSteady = 1e-10;
constexpr int kMostPowers = 2000;  // where two directions vary nearly alike, any between them does

// Between the largest singular value and sqrt(d) of it, cheaply.
double size_of(const MatrixXd& x) {
  return std::sqrt(x.cwiseAbs().colwise().sum().maxCoeff() * x.cwiseAbs().rowwise().sum().maxCoeff());
}

// None where a step meets a singular matrix. REQUIRES: x is near 1 in size
bool iterate(MatrixXd& x) {
  for (int step = 0; step < kMostSteps; ++step) {
    const MatrixXd inverse = x.partialPivLu().inverse();
    const double scale = std::sqrt(size_of(inverse) / size_of(x));
    const MatrixXd next = 0.5 * (scale * x + inverse.transpose() / scale);
    if (!next.allFinite()) return false;
    const double change = (next - x).norm();
    x = next;
    if (change <= kConverged * x.norm()) return true;
  }
  return false;
}

// The eigenvector of the largest eigenvalue, by the power method; any unit vector where all are 0. Its largest component
// is positive. REQUIRES: x is symmetric and has no negative eigenvalue
VectorXd leading_direction(const MatrixXd& x) {
  Random random(1);
  VectorXd direction = VectorXd::NullaryExpr(x.cols(), [&] { return random.normal(); }).normalized();
  double change = 1;
  for (int step = 0; step < kMostPowers && change > kSteady; ++step) {
    VectorXd next = x * direction;
    const double size = next.norm();
    if (size == 0) break;
    next /= size;
    change = (next - direction).norm();
    direction = next;
  }
  Eigen::Index largest = 0;
  direction.cwiseAbs().maxCoeff(&largest);
  return direction(largest) < 0 ? VectorXd(-direction) : direction;
}

}  // namespace

std::vector<double> nearest_orthogonal(std::span<const double> matrix, std::size_t d) {
  const MatrixXd given = matrix_of(matrix, d);
  if (!given.allFinite()) throw DataError("a matrix has a number that is not finite");
  const double largest = given.cwiseAbs().maxCoeff();
  const auto size = static_cast<Eigen::Index>(d);
  MatrixXd x = MatrixXd::Identity(size, size);
  if (largest == 0) return row_major(x);
  // What is added is below the rounding of the sums in A, and gives a singular matrix an inverse.
  for (double added = std::numeric_limits<double>::epsilon();; added *= 3) {
    x = given / largest;
    x.diagonal().array() += added;
    if (iterate(x)) return row_major(x);
  }
}

void add_products(std::span<const double> a, std::span<const double> b, std::size_t d, std::span<double> sums) {
  const auto size = static_cast<Eigen::Index>(d);
  const MatrixXd products = matrix_of(a, d).transpose() * matrix_of(b, d);
  Eigen::Map<Rows<double>>(sums.data(), size, size) += products;
}

std::vector<double> product(std::span<const double> a, std::span<const double> b, std::size_t d) {
  return row_major(matrix_of(a, d) * matrix_of(b, d));
}

std::vector<double> principal_components(std::span<const float> rows, std::size_t d, std::size_t count) {
  MatrixXd centred = matrix_of(rows, d);
  centred.rowwise() -= centred.colwise().mean().eval();
  MatrixXd covariance = centred.transpose() * centred;
  MatrixXd coordinates(centred.rows(), static_cast<Eigen::Index>(count));
  for (Eigen::Index axis = 0; axis < coordinates.cols(); ++axis) {
    const VectorXd direction = leading_direction(covariance);
    const double variance = direction.dot(covariance * direction);
    covariance.noalias() -= variance * direction * direction.transpose();
    coordinates.col(axis) = centred * direction;
  }
  return row_major(coordinates);
}

Eigensystem symmetric_eigen(std::span<const double> matrix, std::size_t d) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix_of(matrix, d));
  MatrixXd vectors = solver.eigenvectors().rowwise().reverse();
  for (auto vector : vectors.colwise()) {
    Eigen::Index largest = 0;
    vector.cwiseAbs().maxCoeff(&largest);
    if (vector(largest) < 0) vector = -vector;
  }
  const VectorXd values = solver.eigenvalues().reverse();
  return {{values.begin(), values.end()}, row_major(vectors)};
}

}  // namespace vecterm
