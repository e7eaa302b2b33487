// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/spaces/hash_space_form.h"

namespace vecterm {

/// Random hyperplanes (Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002), made
/// orthogonal in groups (super-bit LSH, Ji et al., NIPS 2012), on vectors centred by the mean and renormalised.
/// Multi-probe by sums of squared margins (Lv et al., VLDB 2007).
///
/// Stored form, after the head (hash_space.h); rows = tables * bits, assignments = 1:
///
///     f32  planes[rows * d]  row-major normals, table by table
class Hyperplanes final : public HashSpace {
 public:
  static constexpr FamilyName kFamily{.number = 1, .name = "hyperplane", .row_name = "planes"};

  /// @throws Damaged where the bytes after the header are not a matrix of planes
  explicit Hyperplanes(std::string stored);
  /// Planes at random, orthogonal in groups of d. REQUIRES: options that make_hyperplanes() accepts.
  static std::shared_ptr<const HashSpace> draw(std::span<const float> mean, const DrawOptions& options);

  std::string_view family() const override { return kFamily.name; }
  std::string_view row_name() const override { return kFamily.row_name; }
  ProbeLimits default_limits() const override { return std::size_t{8} * tables(); }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  std::vector<float> signed_margins(std::span<const float> unit) const;
  std::uint32_t own_bucket(std::span<const float> margins) const;

  PackedRows planes_;
};

/// @param mean    d values, taken off before hashing
/// @param planes  row-major (tables * bits) x d, rows of norm 1
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
std::shared_ptr<const HashSpace> make_hyperplanes(std::span<const float> mean, std::span<const float> planes,
                                                  std::uint32_t tables, std::uint32_t bits);

}  // namespace vecterm
