// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../dictionary.h"
#include "../parallel.h"
#include "aligned_floats.h"
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
    AlignedFloats rows;           ///< row-major n x dimensions()
    std::vector<double> squares;  ///< n
  };

  /// Rows from N(0, 1/d), filled up with zeros.
  WordRows(std::size_t rows, std::size_t dimensions, Random random);

  /// Rows of a dictionary that rows start from now and are pulled to in each step that changes them: row -= min(1,
  /// eta * strength) * (row - old), where eta is the row's own rate, that of the step by AdaGrad's accumulator. So both
  /// the loss and strength / 2 * |row - old|^2 descend by one rate, and where they are in balance does not depend on
  /// how frequent a word is.
  /// @param numbers  of each row, its number in `old`, or Vocabulary::kNone; as `old`, it must outlive this
  void anchor(const Dictionary& old, std::span<const std::uint32_t> numbers, double strength);

  /// d, made up to whole cache lines.
  std::size_t dimensions() const { return dimensions_; }
  const float* data() const { return state_.rows.data(); }
  State& state() { return state_; }
  const State& state() const { return state_; }

  /// Notes which rows are in which bags. May run beside readers of data().
  void collect(std::span<const std::span<const Share<float>>> bags);

  /// One step against the gradients of the bags that were collected. The sums are in the bags' order for any number of
  /// threads.
  /// @param gradients  row-major bags x d, of the bags' sums
  /// @param active     of each bag, whether it has a gradient
  /// @param max_norm   rows longer than that are shortened to it, or to the length of their old one
  /// @returns how many rows stay as they are because their gradient is not finite
  std::size_t step(const float* gradients, std::span<const std::uint8_t> active, double rate, double max_norm,
                   ThreadPool& threads);

 private:
  bool update(std::uint32_t row, std::span<const float> gradient, double rate, double max_norm, std::span<float> old);
  bool copy_old(std::uint32_t row, std::span<float> out) const;

  std::size_t dimensions_;
  State state_;
  const Dictionary* old_ = nullptr;
  std::span<const std::uint32_t> old_rows_;
  double anchor_ = 0;

  // Of the current step: the rows in it, and for each the bags that it is in, in the bags' order.
  std::vector<std::uint32_t> slots_;  ///< of each row, 1 + its number in step_rows_; 0 = not in this step
  std::vector<std::uint32_t> step_rows_;
  std::vector<std::size_t> ends_;
  std::vector<Share<float>> members_;
};

}  // namespace vecterm
