// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"

namespace vecterm {

/// The family of make_cross_polytopes().
class CrossPolytopes final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the mean are not the signs of rotations
  explicit CrossPolytopes(std::string stored);

  std::string_view family() const override { return "cross-polytope"; }
  std::string_view row_name() const override { return "rotations"; }
  ProbeLimits default_limits() const override { return std::size_t{8} * tables(); }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  /// Part of a table's bucket: a vertex number of `bits` bits from bit `shift` on.
  struct Polytope {
    std::uint32_t rotation = 0;
    std::uint32_t shift = 0;
    std::uint32_t bits = 0;
  };

  Polytope polytope(std::uint32_t table, std::uint32_t number) const;
  /// The coordinates of `centred` in which the polytope's vertices lie.
  std::vector<float> rotated(std::span<const float> centred, const Polytope& polytope) const;

  std::vector<float> signs_;  ///< +-1, [rotation][round][coordinate]
};

}  // namespace vecterm
