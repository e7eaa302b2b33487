// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "random.h"
#include "weighted_sum.h"

namespace vecterm {

/// The word vectors while they are trained: rows with AdaGrad (Duchi et al., JMLR 2011), one accumulator a row. It
/// sums the squares of the whole gradient, so the first step of a row has the length of the rate, whatever the
/// dimension.
class WordRows {
 public:
  /// Rows from N(0, 1/d).
  WordRows(std::size_t rows, std::size_t dimensions, Random random);

  std::size_t dimensions() const { return dimensions_; }
  const float* data() const { return rows_.data(); }
  std::span<const float> row(std::size_t r) const { return std::span(rows_).subspan(r * dimensions_, dimensions_); }

  /// One step against the gradients of bags of words.
  /// @param bags       the rows of each bag; an empty span where the bag has no gradient
  /// @param gradients  row-major bags.size() x d, of the bags' sums
  /// @param max_norm   rows longer than that are shortened to it
  void step(std::span<const std::span<const Share<float>>> bags, const float* gradients, double rate, double max_norm,
            unsigned threads);

 private:
  void collect(std::span<const std::span<const Share<float>>> bags);
  void update(std::uint32_t row, std::span<const float> gradient, double rate, double max_norm);

  std::size_t dimensions_;
  std::vector<float> rows_;
  std::vector<double> squares_;

  // Of the current step: the rows in it, and for each the bags that it is in, in the bags' order.
  std::vector<std::uint32_t> slots_;  ///< of each row, 1 + its number in step_rows_; 0 = not in this step
  std::vector<std::uint32_t> step_rows_;
  std::vector<std::size_t> ends_;
  std::vector<Share<float>> members_;
};

}  // namespace vecterm
