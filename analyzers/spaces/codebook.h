// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/rows/kernels.h"
#include "analyzers/version.h"

namespace vecterm {

/// One codebook of learned cells. Cells of one group are similar and have adjacent numbers.
struct CellTable {
  std::vector<float> centroids;      ///< row-major cells x d, rows of norm 1, 2 <= cells <= 2^24, by group
  std::vector<float> groups;         ///< row-major G x d, rows of norm 1: what the groups' cells lie around; or empty
  std::vector<std::uint32_t> first;  ///< G numbers, each group's first cell: 0, then strictly ascending
  std::uint32_t searched = 0;        ///< in how many groups a document's cells are looked for: [1, G]; 0 without groups
};

/// A cell and its exact score, the dot product with its centroid.
struct ScoredCell {
  float score = 0;
  std::uint32_t cell = 0;

  /// Best first; ties go to the lower cell.
  bool operator<(const ScoredCell& other) const {
    return score != other.score ? score > other.score : cell < other.cell;
  }
};

/// Centroids with a copy in int8 for a first pass over many of them. The copy is of (centroid - centre), scaled by one
/// factor: what is the same for all centroids does not use up the eight bits, and takes the same off each score.
class Centroids {
 public:
  /// @param rows    row-major n x centre.size()
  Centroids(std::vector<float> rows, std::span<const float> centre);

  std::size_t size() const { return packed_.rows(); }
  std::size_t dimensions() const { return dimensions_; }
  const PackedInt8Rows& packed() const { return packed_; }
  /// `unit` in int8, by a factor of its own, padded for packed().
  void quantise(std::span<const float> unit, std::vector<std::int8_t>& out) const;
  /// Exact scores of `which`, the best `limit` first. `scratch` is overwritten, `out` replaced.
  void best(std::span<const float> unit, std::span<const std::uint32_t> which, std::size_t limit,
            std::vector<float>& scratch, std::vector<ScoredCell>& out) const;

 private:
  std::size_t dimensions_;
  std::vector<float> rows_;
  PackedInt8Rows packed_;
};

/// One table of cells, ready to be searched. Integers decide which cells are looked at, exactly, so the same on every
/// processor; those are ordered by exact scores.
///
/// Immutable and thread-safe; each thread keeps scratch space of about 5 bytes a cell for as long as it lives.
class VECTERM_INTERNAL_API Codebook {
 public:
  /// REQUIRES: a table as make_cells() wants it, of centre.size() dimensions.
  Codebook(const CellTable& table, std::span<const float> centre);

  std::size_t cells() const { return cells_.size(); }
  /// The nearest `count` cells of the groups that are searched, best first; all cells where there are no groups.
  void assign(std::span<const float> unit, std::size_t count, std::vector<ScoredCell>& out) const;
  /// The nearest `limit` of all cells, best first.
  void rank(std::span<const float> unit, std::size_t limit, std::vector<ScoredCell>& out) const;

 private:
  std::size_t group_end(std::size_t group) const { return group + 1 < first_.size() ? first_[group + 1] : cells(); }
  void choose_groups(std::span<const float> unit, std::size_t cells_wanted) const;
  void score_groups() const;

  Centroids cells_;
  Centroids groups_;
  std::vector<std::uint32_t> first_;  ///< each group's first cell
  std::size_t searched_;
};

}  // namespace vecterm
