// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/spaces/hash_space_form.h"

namespace vecterm {

/// Cross-polytope LSH (Andoni, Indyk, Laarhoven, Razenshteyn and Schmidt, "Practical and optimal LSH for angular
/// distance", NIPS 2015; Terasawa and Tanaka, WADS 2007): a vector's hash is the nearest of the 2p vertices +-e_i after
/// a pseudo-random rotation, three rounds of signs and a Hadamard transform in p dimensions, p the next power of two,
/// on vectors centred by the mean and renormalised. A bucket of `bits` bits is made of as many polytopes as have all
/// their log2(2p) bits, the first in the lowest bits, and a last one for the bits that are left, over its rotation's
/// first coordinates only (FALCONN's scheme). A polytope's number is 2i for +e_i, 2i + 1 for -e_i, ties to the lower
/// one. Multi-probe by sums of (max|x| -+ x_i)^2.
///
/// Stored form, after the head (hash_space.h); rows = rotations, one a polytope, assignments = 1. For each rotation,
/// table by table, with p the power of two from d on:
///
///     u8   signs[ceil(3 * p / 8)]  lowest bit first, 1 = minus: p for each of three rounds
class CrossPolytopes final : public HashSpace {
 public:
  static constexpr FamilyName kFamily{.number = 4, .name = "cross-polytope", .row_name = "rotations"};

  /// @throws Damaged where the bytes after the mean are not the signs of rotations
  explicit CrossPolytopes(std::string stored);
  /// Signs at random. REQUIRES: options that make_cross_polytopes() accepts.
  static std::shared_ptr<const HashSpace> draw(std::span<const float> mean, const DrawOptions& options);

  std::string_view family() const override { return kFamily.name; }
  std::string_view row_name() const override { return kFamily.row_name; }
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

/// @param mean   d values, taken off before hashing
/// @param signs  cross_polytope_sign_bytes() bytes, as stored
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
std::shared_ptr<const HashSpace> make_cross_polytopes(std::span<const float> mean, std::string_view signs,
                                                      std::uint32_t tables, std::uint32_t bits);

/// How many bytes of signs so many tables take. REQUIRES: values that make_cross_polytopes() accepts.
std::size_t cross_polytope_sign_bytes(std::size_t dimensions, std::uint32_t tables, std::uint32_t bits);

}  // namespace vecterm
