// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "analyzers/hash_space.h"
#include "analyzers/spaces/codebook.h"
#include "analyzers/spaces/hash_space_form.h"
#include "analyzers/version.h"

namespace vecterm {

/// Learned cells: each vector is filed under its nearest centroids of one or more spherical k-means codebooks (an
/// inverted file as in Jégou et al., "Product quantization for nearest neighbor search", TPAMI 2011; Faiss calls
/// it IVF, its number of cells nlist and the number of probes nprobe). Each codebook is a table; several of different
/// sizes are resolutions. A document's cells are looked for in its nearest groups only, in the way of the inverted
/// multi-index's coarse step (Babenko and Lempitsky, CVPR 2012), a query's among all cells; the first pass is in int8,
/// and its best are compared exactly. The mean is stored, but not taken off before hashing.
///
/// Stored form, after the head (hash_space.h); bits = the least that number the largest table's cells, rows = the cells
/// of all tables, assignments in [1, 4]. For each table:
///
///     u32  cells                   in [2, 2^24]
///     u32  groups                  G, in [0, cells]; 0 and 1: no groups to choose from
///     u32  searched                groups that a document's cells are looked for in: [1, G], 0 where G is
///     u32  first[G]                each group's first cell: 0, then strictly ascending
///     f32  group_centroids[G * d]  row-major
///     f32  centroids[cells * d]    row-major
class Cells final : public HashSpace {
 public:
  /// Number 2 was a form with one table that was never released; parse_hash_space() refuses it.
  static constexpr FamilyName kFamily{.number = 3, .name = "cells", .row_name = "cells", .most_assignments = 4};

  /// @throws Damaged where the bytes after the mean are not tables of cells
  explicit Cells(std::string stored);

  std::string_view family() const override { return kFamily.name; }
  std::string_view row_name() const override { return kFamily.row_name; }
  bool has_centres() const override { return true; }
  std::uint64_t buckets() const override { return rows(); }
  ProbeLimits default_limits() const override { return {1024, 0.2}; }
  std::vector<Bucket> hash(std::span<const float> unit) const override;
  std::vector<Probe> probes(std::span<const float> unit, const ProbeLimits& limits) const override;

 private:
  std::vector<Probe> probes_of_ranked(std::span<const float> unit, const ProbeLimits& limits) const;

  std::vector<Codebook> codebooks_;
};

/// @param mean         d values, the mean of the document vectors
/// @param tables       1 to 256 codebooks
/// @param assignments  nearest cells of each table that a document is filed under, in [1, 4]
/// @throws InvalidArgument for sizes out of bounds or values that are not finite
VECTERM_INTERNAL_API std::shared_ptr<const HashSpace> make_cells(std::span<const float> mean,
                                                                 std::span<const CellTable> tables,
                                                                 std::uint32_t assignments = 2);

/// The same with one table without groups, row-major cells x d, and a mean of zero.
std::shared_ptr<const HashSpace> make_cells(std::span<const float> centroids, std::size_t dimensions,
                                            std::uint32_t assignments = 2);

}  // namespace vecterm
