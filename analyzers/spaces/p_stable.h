// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/spaces/hash_space_form.h"

namespace vecterm {

/// p-stable LSH for Euclidean distance (Datar, Immorlica, Indyk and Mirrokni, SoCG 2004), on vectors centred by the mean
/// and renormalised: h(v) = floor((a . v + b) / w) with Gaussian a. A table has as many hashes as bits (a hash of
/// the default width has a little more than one bit of entropy). Hash number i (from 0) of a table with value h adds
/// m((i + 1) * 0x9e3779b97f4a7c15 + h) to the bucket by XOR, of which the highest `bits` bits count; m is the finaliser
/// of splitmix64. Multi-probe by sums of squared distances to the neighbouring intervals (Lv et al., VLDB 2007).
///
/// Stored form, after the head (hash_space.h); rows = tables * bits, assignments = 1:
///
///     f32  width                  w, in [0.01, 100]
///     f32  offsets[rows]          b, in [0, w)
///     f32  projections[rows * d]  row-major, a
class PStable final : public HashSpace {
 public:
  static constexpr FamilyName kFamily{.number = 5, .name = "p-stable", .row_name = "projections"};
  static constexpr float kLeastWidth = 0.01F;
  static constexpr float kMostWidth = 100;

  /// @throws Damaged where the bytes after the mean are not a width, offsets and projections
  explicit PStable(std::string stored);
  /// Gaussian projections and offsets at random. REQUIRES: options that make_p_stable() accepts.
  static std::shared_ptr<const HashSpace> draw(std::span<const float> mean, const DrawOptions& options);

  std::string_view family() const override { return kFamily.name; }
  std::string_view row_name() const override { return kFamily.row_name; }
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

/// @param mean         d values, taken off before hashing
/// @param projections  row-major (tables * bits) x d
/// @param offsets      tables * bits numbers in [0, width)
/// @param width        w, in [0.01, 100]; called r in the paper, the bucket width
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
std::shared_ptr<const HashSpace> make_p_stable(std::span<const float> mean, std::span<const float> projections,
                                               std::span<const float> offsets, float width, std::uint32_t tables,
                                               std::uint32_t bits);

}  // namespace vecterm
