// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/updates/common_components.h"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/numbers/matrices.h"

namespace vecterm {
namespace {

using Direction = std::vector<double>;

double product(std::span<const float> row, const Direction& direction) {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += double{row[i]} * direction[i];
  return sum;
}

/// Takes the direction, of norm 1, out of all rows.
void remove(std::span<float> rows, const Direction& direction) {
  const std::size_t d = direction.size();
  for (std::size_t begin = 0; begin < rows.size(); begin += d) {
    const std::span<float> row = rows.subspan(begin, d);
    const double share = product(row, direction);
    for (std::size_t i = 0; i < d; ++i) row[i] = static_cast<float>(double{row[i]} - share * direction[i]);
  }
}

Direction mean_of(std::span<const float> rows, std::size_t d) {
  Direction mean(d);
  for (std::size_t i = 0; i < rows.size(); ++i) mean[i % d] += double{rows[i]};
  for (double& number : mean) number /= static_cast<double>(rows.size() / d);
  return mean;
}

/// The directions of the largest eigenvalues of the rows' products with each other.
std::vector<Direction> largest_directions(std::span<const float> rows, std::size_t d, std::size_t count,
                                          unsigned threads) {
  std::vector<double> products(d * d);
  parallel_for(d, 1, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = 0; row < rows.size(); row += d)
      for (std::size_t i = begin; i < end; ++i)
        for (std::size_t j = 0; j < d; ++j) products[i * d + j] += double{rows[row + i]} * double{rows[row + j]};
  });
  const Eigensystem found = symmetric_eigen(products, d);
  std::vector<Direction> directions(count, Direction(d));
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t i = 0; i < d; ++i) directions[k][i] = found.vectors[i * d + k];
  return directions;
}

}  // namespace

double remove_common_components(DictionaryContents& contents, const TrainingData& data, std::size_t documents,
                                std::size_t count, unsigned threads) {
  const std::size_t d = contents.dimensions;
  if (count >= d) throw InvalidArgument(fmt::format("common components must be in [0, {}); were {}", d, count));
  if (!contents.components.empty())
    throw InvalidArgument("common components cannot be taken out of a hashed dictionary");
  std::vector<float> vectors = document_vectors(contents, data, documents, threads);
  if (vectors.empty()) throw DataError("no document has a word of the dictionary");
  Direction mean = mean_of(vectors, d);
  double squares = 0;
  for (const double number : mean) squares += number * number;
  if (count == 0 || !(squares > 0)) return squares;
  for (double& number : mean) number /= std::sqrt(squares);
  std::vector<Direction> directions{mean};
  remove(vectors, mean);
  for (Direction& direction : largest_directions(vectors, d, count - 1, threads))
    directions.push_back(std::move(direction));
  for (const Direction& direction : directions) remove(contents.vectors, direction);
  return squares;
}

}  // namespace vecterm
