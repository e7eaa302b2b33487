// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {

/// The family of make_hyperplanes().
class Hyperplanes final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the header are not a matrix of planes
  explicit Hyperplanes(std::string stored);

  std::string_view family() const override { return "hyperplane"; }
  std::string_view row_name() const override { return "planes"; }
  ProbeLimits default_limits() const override { return std::size_t{8} * tables(); }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  std::vector<float> signed_margins(std::span<const float> unit) const;
  std::uint32_t own_bucket(std::span<const float> margins) const;

  PackedRows planes_;
};

}  // namespace vecterm
