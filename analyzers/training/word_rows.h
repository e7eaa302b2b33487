// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../parallel.h"
#include "random.h"
#include "weighted_sum.h"

namespace vecterm {

/// The word vectors while they are trained: rows with AdaGrad (Duchi et al., JMLR 2011), one accumulator a row. It
/// sums the squares of the whole gradient, so the first step of a row has the length of the rate, whatever the
/// dimension.
class WordRows {
 public:
  /// All that a step changes.
  struct State {
    std::vector<float> rows;      ///< row-major n x d
    std::vector<double> squares;  ///< n
  };

  /// Rows from N(0, 1/d).
  WordRows(std::size_t rows, std::size_t dimensions, Random random);

  std::size_t dimensions() const { return dimensions_; }
  const float* data() const { return state_.rows.data(); }
  State& state() { return state_; }
  const State& state() const { return state_; }

  /// One step against the gradients of bags of words. The sums are in the bags' order for any number of threads.
  /// @param bags       the rows of each bag; an empty span where the bag has no gradient
  /// @param gradients  row-major bags.size() x d, of the bags' sums
  /// @param max_norm   rows longer than that are shortened to it
  /// @returns how many rows stay as they are because their gradient is not finite
  std::size_t step(std::span<const std::span<const Share<float>>> bags, const float* gradients, double rate,
                   double max_norm, ThreadPool& threads);

 private:
  /// The rows of a step that one thread updates, and for each the bags that it is in.
  struct Part {
    std::vector<std::uint32_t> rows;
    std::vector<std::size_t> ends;
    std::vector<Share<float>> members;
    std::size_t unusable = 0;
  };

  void update(Part& part, const float* gradients, double rate, double max_norm);
  void collect(std::span<const std::span<const Share<float>>> bags, std::size_t number, Part& part);

  std::size_t dimensions_;
  State state_;
  std::vector<std::uint32_t> slots_;  ///< of each row in the current step, 1 + its number in its part; 0 = not in it
  std::vector<Part> parts_;
};

}  // namespace vecterm
