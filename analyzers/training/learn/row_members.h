// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/training/numbers/weighted_sum.h"

namespace vecterm {

/// Sums of rows, the other way round: of each row that is in a sum, the sums that it is in, in their order. Internal.
class RowMembers {
 public:
  /// @param rows  how many there are, those in no sum included
  explicit RowMembers(std::size_t rows) : slots_(rows) {}

  /// Takes the place of what was collected before.
  void collect(std::span<const std::span<const Share<float>>> sums);

  /// How many rows are in a sum; they are numbered as they come.
  std::size_t size() const { return rows_.size(); }
  /// REQUIRES for both: i < size().
  std::uint32_t row(std::size_t i) const { return rows_[i]; }
  std::span<const Share<float>> sums(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::span(members_).subspan(begin, ends_[i] - begin);
  }

 private:
  std::vector<std::uint32_t> slots_;  ///< of each row, 1 + its number in rows_; 0 = in no sum
  std::vector<std::uint32_t> rows_;
  std::vector<std::size_t> ends_;
  std::vector<Share<float>> members_;
};

}  // namespace vecterm
