// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/spaces/codebook.h"

#include <algorithm>
#include <cmath>

namespace vecterm {
namespace {

constexpr std::size_t kBlock = PackedInt8Rows::kBlock;

// How many more cells than wanted are scored exactly, because eight bits may put them in another order.
std::size_t with_spares(std::size_t wanted) { return wanted + wanted / 8 + 6; }

// One thread's working memory; allocating it anew would cost more than a search.
struct Scratch {
  std::vector<std::int8_t> query;
  std::vector<std::int32_t> scores;
  std::vector<std::int32_t> maxima;
  std::vector<std::uint32_t> positions;
  std::vector<float> exact;
  std::vector<ScoredCell> groups;
  std::vector<std::size_t> ends;  ///< of each searched group's scores
};

Scratch& scratch() {
  thread_local Scratch mine;
  return mine;
}

// What takes the largest to 127.
float factor_for(std::span<const float> values) {
  const float factor = 127.0F / largest_magnitude(values);
  return std::isfinite(factor) ? factor : 0.0F;
}

PackedInt8Rows packed_int8(std::span<const float> rows, std::span<const float> centre) {
  std::vector<float> centred(rows.begin(), rows.end());
  for (std::size_t i = 0; i < rows.size(); ++i) centred[i] -= centre[i % centre.size()];
  std::vector<std::int8_t> levels(rows.size());
  to_int8(centred, factor_for(centred), levels.data());
  return PackedInt8Rows(levels, centre.size());
}

}  // namespace

Centroids::Centroids(std::vector<float> rows, std::span<const float> centre)
    : dimensions_(centre.size()), rows_(std::move(rows)), packed_(packed_int8(rows_, centre)) {}

void Centroids::quantise(std::span<const float> unit, std::vector<std::int8_t>& out) const {
  out.assign(packed_.padded_dimensions(), 0);
  to_int8(unit, factor_for(unit), out.data());
}

void Centroids::best(std::span<const float> unit, std::span<const std::uint32_t> which, std::size_t limit,
                     std::vector<float>& scratch, std::vector<ScoredCell>& out) const {
  scratch.resize(which.size());
  lane_products(unit, rows_, which, scratch);
  out.resize(which.size());
  for (std::size_t i = 0; i < which.size(); ++i) out[i] = {scratch[i], which[i]};
  const std::size_t kept = std::min(limit, out.size());
  std::sort(out.begin(), out.end());
  out.resize(kept);
}

Codebook::Codebook(const CellTable& table, std::span<const float> centre)
    : cells_(table.centroids, centre), groups_(table.groups, centre), first_(table.first), searched_(table.searched) {}

void Codebook::rank(std::span<const float> unit, std::size_t limit, std::vector<ScoredCell>& out) const {
  Scratch& s = scratch();
  cells_.quantise(unit, s.query);
  s.scores.resize(cells_.packed().blocks() * kBlock);
  cells_.packed().products(s.query, 0, s.scores);
  positions_of_largest(std::span(s.scores).first(cells()), with_spares(std::min(limit, cells())), s.maxima,
                       s.positions);
  cells_.best(unit, s.positions, limit, s.exact, out);
}

void Codebook::assign(std::span<const float> unit, std::size_t count, std::vector<ScoredCell>& out) const {
  if (first_.size() < 2) {
    rank(unit, count, out);
    return;
  }
  Scratch& s = scratch();
  cells_.quantise(unit, s.query);
  choose_groups(unit, count);
  score_groups();
  positions_of_largest(s.scores, with_spares(count), s.maxima, s.positions);
  // From positions among the scores to cells.
  std::size_t kept = 0;
  std::size_t group = 0;
  for (const std::uint32_t position : s.positions) {
    while (position >= s.ends[group]) ++group;
    if (s.scores[position] == INT32_MIN) continue;
    const std::size_t first = first_[s.groups[group].cell] / kBlock * kBlock;
    const std::size_t begin = group == 0 ? 0 : s.ends[group - 1];
    s.positions[kept++] = static_cast<std::uint32_t>(first + position - begin);
  }
  cells_.best(unit, std::span(s.positions).first(kept), count, s.exact, out);
}

// The best groups by exact score: as many as are searched, and more where those have too few cells.
void Codebook::choose_groups(std::span<const float> unit, std::size_t cells_wanted) const {
  Scratch& s = scratch();
  s.scores.resize(groups_.packed().blocks() * kBlock);
  groups_.packed().products(s.query, 0, s.scores);
  const std::size_t most = std::max(searched_, cells_wanted);  // each group has a cell
  positions_of_largest(std::span(s.scores).first(groups_.size()), most, s.maxima, s.positions);
  groups_.best(unit, s.positions, most, s.exact, s.groups);
}

// The integer scores of the chosen groups' cells, one group after the other, in whole blocks.
void Codebook::score_groups() const {
  Scratch& s = scratch();
  s.ends.clear();
  std::size_t end = 0;
  for (const ScoredCell& group : s.groups) {
    end += (group_end(group.cell) + kBlock - 1) / kBlock * kBlock - first_[group.cell] / kBlock * kBlock;
    s.ends.push_back(end);
  }
  s.scores.resize(end);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < s.groups.size(); ++i) {
    const std::size_t first_cell = first_[s.groups[i].cell];
    const std::size_t cells = group_end(s.groups[i].cell) - first_cell;
    const auto scores = std::span(s.scores).subspan(begin, s.ends[i] - begin);
    cells_.packed().products(s.query, first_cell / kBlock, scores);
    // The neighbours that share the group's first and last block.
    std::fill_n(scores.begin(), first_cell % kBlock, INT32_MIN);
    std::fill(scores.begin() + static_cast<std::ptrdiff_t>(first_cell % kBlock + cells), scores.end(), INT32_MIN);
    begin = s.ends[i];
  }
}

}  // namespace vecterm
