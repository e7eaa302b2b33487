// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyzers/spaces/codebook.h"

namespace vecterm {

/// Some rows of a matrix (row-major), by number.
struct RowSelection {
  std::span<const float> matrix;
  std::size_t dimensions = 0;
  std::span<const std::uint32_t> numbers;

  std::size_t size() const { return numbers.size(); }
  std::span<const float> operator[](std::size_t i) const { return matrix.subspan(numbers[i] * dimensions, dimensions); }
};

/// Spherical k-means over a table of cells, with groups or without. Each vector is assigned by one thread, and each
/// centroid is summed by one thread over its vectors in their order, so the number of threads changes nothing.
class SphericalKMeans {
 public:
  /// @param start  where the cells begin; keeps its groups
  /// What `rows` and `centre` refer to must outlive this.
  SphericalKMeans(const RowSelection& rows, std::span<const float> centre, CellTable start, unsigned threads);

  /// Assigns each row to a cell and moves each cell, and each group, to the mean of its rows; a cell without rows takes
  /// over the worst placed row of one of the largest cells of its group.
  void iterate();
  /// Assigns each row to its cell.
  void assign();

  const CellTable& table() const { return table_; }
  /// After assign(): the rows of a cell, as positions in `rows`, ascending.
  std::span<const std::uint32_t> members(std::size_t cell) const;

 private:
  std::size_t cells() const { return table_.centroids.size() / rows_.dimensions; }
  void gather_members();
  void move_cell(std::size_t cell);
  void move_group(std::size_t group, std::size_t first, std::size_t last);
  void refill(std::size_t first, std::size_t last);

  RowSelection rows_;
  std::span<const float> centre_;
  CellTable table_;
  unsigned threads_;
  std::vector<std::uint32_t> cell_of_;  ///< of each row
  std::vector<float> score_of_;         ///< cosine with that cell's centroid
  std::vector<std::size_t> first_;      ///< where each cell's members begin in members_
  std::vector<std::uint32_t> members_;  ///< positions of rows, by cell
};

}  // namespace vecterm
