// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/texts/column_blocks.h"

#include <doctest/doctest.h>

#include "tests/support/dictionary.h"

using namespace vecterm;

namespace {

constexpr std::size_t kRows = 70;
constexpr std::size_t kColumns = 37;  // rounded up to 48

SparseRows random_rows(std::size_t count) {
  test::Random random(1);
  SparseRows matrix({});
  for (std::size_t row = 0; row < count; ++row) {
    for (std::uint32_t column = static_cast<std::uint32_t>(random.below(9)); column < kRows;
         column += 1 + static_cast<std::uint32_t>(random.below(20)))
      matrix.shares.push_back({column, random.number()});
    matrix.end_row();
  }
  return matrix;
}

ColumnBlocks random_blocks(std::uint64_t seed) {
  ColumnBlocks blocks(kRows, kColumns);
  blocks.fill_with_normals(Random(seed));
  return blocks;
}

std::vector<float> numbers(const ColumnBlocks& blocks) {
  std::vector<float> all;
  for (std::size_t row = 0; row < blocks.rows(); ++row)
    for (std::size_t column = 0; column < blocks.columns(); ++column) all.push_back(blocks.at(row, column));
  return all;
}

}  // namespace

TEST_CASE("products of a tall matrix are those that the definition gives") {
  ThreadPool threads(2);
  const SparseRows a = random_rows(50);
  const ColumnBlocks x = random_blocks(2);
  const ColumnBlocks y = random_blocks(3);
  CHECK(x.columns() == 48);
  const ColumnBlocks normal = x.normal_product(a, threads);
  const std::vector<double> transposed = x.transposed_product(y, threads);
  const ColumnBlocks turned = x.product(transposed, threads);
  for (std::size_t column = 0; column < x.columns(); ++column) {
    std::vector<double> image(kRows);
    for (std::size_t row = 0; row < a.size(); ++row) {
      const auto shares = a.shares.span().subspan(a.starts[row], a.starts[row + 1] - a.starts[row]);
      double line = 0;
      for (const auto& share : shares) line += double{share.factor} * double{x.at(share.row, column)};
      for (const auto& share : shares) image[share.row] += double{share.factor} * line;
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      CHECK(double{normal.at(row, column)} == doctest::Approx(image[row]).epsilon(1e-4));
      double sum = 0;
      for (std::size_t k = 0; k < x.columns(); ++k) sum += double{x.at(row, k)} * transposed[k * x.columns() + column];
      CHECK(double{turned.at(row, column)} == doctest::Approx(sum).epsilon(1e-5));
    }
    double dot = 0;
    for (std::size_t row = 0; row < kRows; ++row) dot += double{x.at(row, 5)} * double{y.at(row, column)};
    CHECK(transposed[5 * x.columns() + column] == doctest::Approx(dot));
  }
}

TEST_CASE("products have the same bits for any number of threads") {
  const SparseRows a = random_rows(50);
  const ColumnBlocks x = random_blocks(2);
  ThreadPool one(1);
  const std::vector<double> square = x.transposed_product(x, one);
  for (const unsigned number : {2U, 3U, 8U}) {
    ThreadPool many(number);
    CHECK(numbers(x.normal_product(a, many)) == numbers(x.normal_product(a, one)));
    CHECK(x.transposed_product(x, many) == square);
    CHECK(numbers(x.product(square, many)) == numbers(x.product(square, one)));
  }
}
