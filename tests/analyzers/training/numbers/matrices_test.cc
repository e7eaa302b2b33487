// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/numbers/matrices.h"
#include "analyzers/numbers/orthogonal_factor.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "analyzers/errors.h"
#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

using Values = std::vector<double>;

Values random_values(std::size_t count, std::uint64_t seed) {
  const std::vector<float> values = test::Random(seed).vector(count);
  return Values(values.begin(), values.end());
}

Values transposed(const Values& matrix, std::size_t d) {
  Values result(matrix.size());
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) result[j * d + i] = matrix[i * d + j];
  return result;
}

/// A random matrix of a rank, the sum of products of columns and rows.
Values of_rank(std::size_t rank, std::size_t d, std::uint64_t seed) {
  Values result(d * d);
  add_products(random_values(rank * d, seed), random_values(rank * d, seed + 1), d, result);
  return result;
}

double largest(const Values& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::fabs(value));
  return result;
}

/// How far Q^T Q is from 1.
double error_of(const Values& q, std::size_t d) {
  Values products = product(transposed(q, d), q, d);
  for (std::size_t i = 0; i < d; ++i) products[i * d + i] -= 1;
  return largest(products);
}

/// Q makes the trace of Q^T A largest if and only if Q^T A is symmetric and none of its eigenvalues is negative, which
/// is where what is left of x^T (Q^T A) x never is.
void check_nearest(const Values& a, std::size_t d) {
  const Values q = nearest_orthogonal(a, d);
  CHECK(error_of(q, d) < 1e-13);
  const Values h = product(transposed(q, d), a, d);
  const double rounding = 1e-12 * largest(a) * static_cast<double>(d);
  const Values mirrored = transposed(h, d);
  for (std::size_t i = 0; i < h.size(); ++i) CHECK(std::fabs(h[i] - mirrored[i]) <= rounding);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Values x = random_values(d, seed);
    double sum = 0;
    for (std::size_t i = 0; i < h.size(); ++i) sum += x[i / d] * h[i] * x[i % d];
    CHECK(sum >= -rounding * static_cast<double>(d));
  }
}

}  // namespace

TEST_CASE("the nearest orthogonal matrix makes the trace largest, of regular and singular matrices") {
  for (const std::size_t d : {1U, 2U, 7U, 32U})
    for (const std::size_t rank : {std::size_t{1}, d / 2, d - 1, d, 2 * d}) {
      if (rank == 0) continue;
      CAPTURE(d);
      CAPTURE(rank);
      check_nearest(of_rank(rank, d, d + rank), d);
    }
}

TEST_CASE("rows and columns of zeros, very large, very small and nearly singular matrices have one, too") {
  constexpr std::size_t d = 6;
  Values matrix = random_values(d * d, 3);
  for (const double factor : {1e-300, 1e-30, 1e30, 1e300}) {
    Values scaled = matrix;
    for (double& value : scaled) value *= factor;
    const Values q = nearest_orthogonal(scaled, d), expected = nearest_orthogonal(matrix, d);
    for (std::size_t i = 0; i < q.size(); ++i) CHECK(q[i] == doctest::Approx(expected[i]));
  }
  for (std::size_t i = 0; i < d; ++i) matrix[i * d + 2] = 0;
  check_nearest(matrix, d);
  for (std::size_t i = 0; i < d; ++i) matrix[4 * d + i] = 0;
  check_nearest(matrix, d);
  Values noisy = of_rank(d / 2, d, 5);
  const Values noise = random_values(d * d, 7);
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += 1e-14 * noise[i];
  check_nearest(noisy, d);
}

TEST_CASE("an orthogonal matrix is its own nearest, and a matrix of zeros has the one that changes nothing") {
  constexpr std::size_t d = 9;
  const Values q = orthogonal_factor(random_values(d * d, 1), d);
  CHECK(error_of(q, d) < 1e-13);
  const Values same = nearest_orthogonal(q, d);
  for (std::size_t i = 0; i < q.size(); ++i) CHECK(same[i] == doctest::Approx(q[i]));
  const Values unchanged = nearest_orthogonal(Values(d * d), d);
  for (std::size_t i = 0; i < unchanged.size(); ++i) CHECK(unchanged[i] == (i % (d + 1) == 0 ? 1 : 0));
}

TEST_CASE("what no rows speak of stays as it is") {
  constexpr std::size_t d = 4;
  Values matrix = {0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};  // swaps two, and knows nothing of two
  const Values q = nearest_orthogonal(matrix, d);
  const Values expected = {0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  for (std::size_t i = 0; i < q.size(); ++i) CHECK(q[i] == doctest::Approx(expected[i]));
}

TEST_CASE("a number that is not finite is a data error") {
  Values matrix = random_values(16, 1);
  for (const double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    matrix[5] = bad;
    CHECK_THROWS_AS(nearest_orthogonal(matrix, 4), DataError);
  }
}

TEST_CASE("products of rows are added up, whatever their number") {
  constexpr std::size_t d = 3;
  const Values a = random_values(5 * d, 1), b = random_values(5 * d, 2);
  Values sums(d * d, 1.0);
  add_products(a, b, d, sums);
  const Values turned = product(a, sums, d);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      double expected = 1;
      for (std::size_t n = 0; n < 5; ++n) expected += a[n * d + i] * b[n * d + j];
      CHECK(sums[i * d + j] == doctest::Approx(expected));
    }
  for (std::size_t n = 0; n < 5; ++n)
    for (std::size_t j = 0; j < d; ++j) {
      double expected = 0;
      for (std::size_t i = 0; i < d; ++i) expected += a[n * d + i] * sums[i * d + j];
      CHECK(turned[n * d + j] == doctest::Approx(expected));
    }
  add_products({}, {}, d, sums);
}

TEST_CASE("principal components are the coordinates along the largest variances, without the mean") {
  // Along (3, 4) / 5 by -10, 0, 10 and across by +-1 around a mean far away.
  const std::vector<float> rows = {94 - 0.8F,  192 + 0.6F, 94 + 0.8F,  192 - 0.6F, 100 - 0.8F, 200 + 0.6F,
                                   100 + 0.8F, 200 - 0.6F, 106 - 0.8F, 208 + 0.6F, 106 + 0.8F, 208 - 0.6F};
  const Values coordinates = principal_components(rows, 2, 2);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(coordinates[2 * i] == doctest::Approx(10.0 * (static_cast<double>(i / 2) - 1)).epsilon(1e-5));
    CHECK(coordinates[2 * i + 1] == doctest::Approx(i % 2 == 0 ? -1.0 : 1.0).epsilon(1e-4));
  }
  CHECK(principal_components({}, 2, 2).empty());
}
