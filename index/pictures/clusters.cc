// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/clusters.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

class Linkage {
 public:
  Linkage(std::span<const float> units, std::size_t dimensions)
      : n_(units.size() / dimensions), cosines_(n_ * n_), sizes_(n_, 1), nearest_(n_), group_(n_) {
    const PackedRows packed(units, dimensions);
    for (std::size_t i = 0; i < n_; ++i) {
      packed.products(units.subspan(i * dimensions, dimensions), row(i));
      cosine(i, i) = kNever;
    }
    for (std::size_t i = 0; i < n_; ++i) find_nearest(i);
    std::iota(group_.begin(), group_.end(), 0U);
  }

  /// Joins the two nearest groups under the smaller number.
  void join_nearest() {
    std::size_t closest = n_;
    for (std::size_t i = 0; i < n_; ++i)
      if (sizes_[i] > 0 && (closest == n_ || nearness(i) > nearness(closest))) closest = i;
    join(std::min(closest, nearest_[closest]), std::max(closest, nearest_[closest]));
  }

  std::vector<std::uint32_t> groups() const {
    std::vector<std::uint32_t> number(n_);
    std::vector<std::uint32_t> result(n_);
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < n_; ++i) {
      if (group_[i] == i) number[i] = next++;
      result[i] = number[group_[i]];
    }
    return result;
  }

 private:
  std::span<float> row(std::size_t i) { return std::span(cosines_).subspan(i * n_, n_); }
  float& cosine(std::size_t i, std::size_t j) { return cosines_[i * n_ + j]; }
  float nearness(std::size_t i) const { return cosines_[i * n_ + nearest_[i]]; }

  void find_nearest(std::size_t i) {
    nearest_[i] = static_cast<std::size_t>(std::ranges::max_element(row(i)) - row(i).begin());
  }

  void join(std::size_t kept, std::size_t gone) {
    const float share = sizes_[kept] / (sizes_[kept] + sizes_[gone]);
    for (std::size_t i = 0; i < n_; ++i) {
      const bool other = sizes_[i] > 0 && i != kept && i != gone;
      const float mean = other ? share * cosine(kept, i) + (1 - share) * cosine(gone, i) : kNever;
      cosine(kept, i) = cosine(i, kept) = mean;
      cosine(gone, i) = cosine(i, gone) = kNever;
    }
    sizes_[kept] += sizes_[gone];
    sizes_[gone] = 0;
    std::ranges::replace(group_, static_cast<std::uint32_t>(gone), static_cast<std::uint32_t>(kept));
    for (std::size_t i = 0; i < n_; ++i)
      if (sizes_[i] > 0 && (i == kept || nearest_[i] == kept || nearest_[i] == gone)) find_nearest(i);
  }

  std::size_t n_;
  std::vector<float> cosines_;  ///< mean cosine of two groups, n x n
  std::vector<float> sizes_;    ///< 0 = joined to another
  std::vector<std::size_t> nearest_;
  std::vector<std::uint32_t> group_;
};

}  // namespace

std::vector<std::uint32_t> average_linkage(std::span<const float> units, std::size_t dimensions, std::size_t clusters) {
  Linkage linkage(units, dimensions);
  for (std::size_t left = units.size() / dimensions; left > std::max<std::size_t>(1, clusters); --left)
    linkage.join_nearest();
  return linkage.groups();
}

}  // namespace vecterm
