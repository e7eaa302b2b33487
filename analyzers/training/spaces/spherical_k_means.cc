// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/spaces/spherical_k_means.h"

#include <algorithm>
#include <numeric>

#include "analyzers/base/parallel.h"
#include "analyzers/embedding.h"

namespace vecterm {
namespace {

constexpr std::size_t kGrain = 256;
constexpr std::size_t kCellGrain = 16;

}  // namespace

SphericalKMeans::SphericalKMeans(const RowSelection& rows, std::span<const float> centre, CellTable start,
                                 unsigned threads)
    : rows_(rows),
      centre_(centre),
      table_(std::move(start)),
      threads_(threads),
      cell_of_(rows.size()),
      score_of_(rows.size()) {}

void SphericalKMeans::iterate() {
  assign();
  parallel_for(cells(), kCellGrain, threads_, [this](std::size_t begin, std::size_t end) {
    for (std::size_t cell = begin; cell < end; ++cell) move_cell(cell);
  });
  const std::size_t groups = table_.first.size();
  if (groups == 0) {
    refill(0, cells());
    return;
  }
  parallel_for(groups, 1, threads_, [this, groups](std::size_t begin, std::size_t end) {
    for (std::size_t group = begin; group < end; ++group) {
      const std::size_t last = group + 1 < groups ? table_.first[group + 1] : cells();
      move_group(group, table_.first[group], last);
      refill(table_.first[group], last);
    }
  });
}

void SphericalKMeans::assign() {
  const Codebook codebook(table_, centre_);
  parallel_for(rows_.size(), kGrain, threads_, [&](std::size_t begin, std::size_t end) {
    std::vector<ScoredCell> nearest;
    for (std::size_t i = begin; i < end; ++i) {
      codebook.assign(rows_[i], 1, nearest);
      cell_of_[i] = nearest.front().cell;
      score_of_[i] = nearest.front().score;
    }
  });
  gather_members();
}

std::span<const std::uint32_t> SphericalKMeans::members(std::size_t cell) const {
  return std::span(members_).subspan(first_[cell], first_[cell + 1] - first_[cell]);
}

// Counting sort of the rows by cell; within a cell in order.
void SphericalKMeans::gather_members() {
  first_.assign(cells() + 1, 0);
  for (const std::uint32_t cell : cell_of_) ++first_[cell + std::size_t{1}];
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  members_.resize(rows_.size());
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  for (std::uint32_t i = 0; i < rows_.size(); ++i) members_[next[cell_of_[i]]++] = i;
}

void SphericalKMeans::move_cell(std::size_t cell) {
  EmbeddingSum sum(rows_.dimensions);
  for (const std::uint32_t member : members(cell)) sum.add(1, rows_[member]);
  if (const auto mean = sum.unit()) std::copy(mean->begin(), mean->end(), &table_.centroids[cell * rows_.dimensions]);
}

// To the mean of its cells, each as heavy as it has rows: that of its rows, but for the cells' own lengths.
void SphericalKMeans::move_group(std::size_t group, std::size_t first, std::size_t last) {
  EmbeddingSum sum(rows_.dimensions);
  for (std::size_t cell = first; cell < last; ++cell)
    sum.add(static_cast<double>(members(cell).size()),
            std::span(table_.centroids).subspan(cell * rows_.dimensions, rows_.dimensions));
  if (const auto mean = sum.unit()) std::copy(mean->begin(), mean->end(), &table_.groups[group * rows_.dimensions]);
}

void SphericalKMeans::refill(std::size_t first, std::size_t last) {
  std::vector<std::size_t> largest(last - first);
  std::iota(largest.begin(), largest.end(), first);
  std::stable_sort(largest.begin(), largest.end(),
                   [this](std::size_t a, std::size_t b) { return members(a).size() > members(b).size(); });
  // From both ends: the emptiest takes from the fullest.
  for (std::size_t i = 0; i < largest.size() && members(largest[largest.size() - 1 - i]).empty(); ++i) {
    const auto candidates = members(largest[i]);
    if (candidates.size() < 2) return;
    const std::uint32_t worst = *std::min_element(candidates.begin(), candidates.end(),
                                                  [this](auto a, auto b) { return score_of_[a] < score_of_[b]; });
    const auto row = rows_[worst];
    std::copy(row.begin(), row.end(), &table_.centroids[largest[largest.size() - 1 - i] * rows_.dimensions]);
  }
}

}  // namespace vecterm
