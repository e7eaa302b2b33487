// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/row_members.h"

namespace vecterm {

void RowMembers::collect(std::span<const std::span<const Share<float>>> sums) {
  for (const std::uint32_t row : rows_) slots_[row] = 0;
  rows_.clear();
  ends_.clear();
  for (const auto& sum : sums)
    for (const Share<float>& share : sum) {
      std::uint32_t& slot = slots_[share.row];
      if (slot == 0) {
        rows_.push_back(share.row);
        ends_.push_back(0);
        slot = static_cast<std::uint32_t>(rows_.size());
      }
      ++ends_[slot - 1];
    }
  std::size_t total = 0;
  for (std::size_t& end : ends_) {  // for now the start; filling moves it to the end
    const std::size_t count = end;
    end = total;
    total += count;
  }
  members_.resize(total);
  for (std::size_t s = 0; s < sums.size(); ++s)
    for (const Share<float>& share : sums[s])
      members_[ends_[slots_[share.row] - 1]++] = {static_cast<std::uint32_t>(s), share.factor};
}

}  // namespace vecterm
