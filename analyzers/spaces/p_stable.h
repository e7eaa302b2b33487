// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {

/// The family of make_p_stable().
class PStable final : public HashSpace {
 public:
  /// @throws DataError where the bytes after the mean are not a width, offsets and projections
  explicit PStable(std::string stored);

  std::string_view family() const override { return "p-stable"; }
  std::string_view row_name() const override { return "projections"; }
  ProbeLimits default_limits() const override { return std::size_t{8} * tables(); }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  struct Parts {
    float width;
    std::vector<float> offsets;
    PackedRows projections;
  };

  static Parts read(const HashSpace& space);
  /// (a_i . v + b_i) / w of all hashes: a hash is the whole part.
  std::vector<double> positions(std::span<const float> unit) const;
  /// What hash `row` adds to its table's bucket when it has this value.
  std::uint32_t share(std::size_t row, std::int64_t value) const;
  std::uint32_t own_bucket(std::span<const double> positions, std::uint32_t table) const;

  Parts parts_;
};

}  // namespace vecterm
