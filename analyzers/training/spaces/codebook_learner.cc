// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/spaces/codebook_learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "analyzers/base/parallel.h"
#include "analyzers/numbers/random.h"
#include "analyzers/training/spaces/spherical_k_means.h"

namespace vecterm {
namespace {

constexpr std::size_t kSamplesPerCell = 32;
constexpr std::size_t kSamplesPerGroup = 256;
constexpr std::uint32_t kFewestCellsInGroups = 1024;  ///< fewer are compared one by one quickly enough
// How many groups are searched: the more, the surer the nearest cells are found. While means are learned, a few rows
// that end up elsewhere do not matter.
constexpr std::uint32_t kSearchedShare = 8;  ///< one in so many
constexpr std::uint32_t kFewestSearched = 8;
constexpr std::uint32_t kSearchedShareInTraining = 32;
constexpr std::uint32_t kFewestSearchedInTraining = 4;

using Numbers = std::vector<std::uint32_t>;

class CodebookLearner {
 public:
  CodebookLearner(std::span<const float> vectors, std::span<const float> centre, const CodebookOptions& options)
      : vectors_(vectors), centre_(centre), options_(options), sample_(vectors.size() / centre.size()) {
    std::iota(sample_.begin(), sample_.end(), 0U);
    Random(options.seed).shuffle(sample_);
    sample_.resize(std::min(sample_.size(), kSamplesPerCell * options.cells));
  }

  CellTable learn(const std::function<void(double)>& progress) {
    if (options_.cells < kFewestCellsInGroups) return clustered(sample_, options_.cells, options_.threads, progress);
    const auto groups = static_cast<std::uint32_t>(std::lround(std::sqrt(options_.cells)));
    const std::vector<Numbers> members = group(groups);
    progress(kGroupsShare);
    CellTable table = cells_of(members);
    progress(kCellsShare);
    return refined(std::move(table), progress);
  }

 private:
  static constexpr double kGroupsShare = 0.1;
  static constexpr double kCellsShare = 0.4;

  RowSelection rows(const Numbers& numbers) const { return {vectors_, centre_.size(), numbers}; }

  // k-means from the first of `numbers`, which must be in random order, without groups.
  CellTable clustered(const Numbers& numbers, std::size_t cells, unsigned threads,
                      const std::function<void(double)>& progress) const {
    CellTable start;
    const RowSelection selection = rows(numbers);
    for (std::size_t cell = 0; cell < cells; ++cell)
      start.centroids.insert(start.centroids.end(), selection[cell].begin(), selection[cell].end());
    SphericalKMeans clusters(selection, centre_, std::move(start), threads);
    for (std::uint32_t i = 0; i < options_.iterations; ++i) {
      progress(static_cast<double>(i) / options_.iterations);
      clusters.iterate();
    }
    return clusters.table();
  }

  // The sample in groups, none empty, each in the sample's random order.
  std::vector<Numbers> group(std::uint32_t groups) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(sample_.size(), kSamplesPerGroup * groups));
    const Numbers some(sample_.begin(), sample_.begin() + count);
    SphericalKMeans all(rows(sample_), centre_, clustered(some, groups, options_.threads, [](double) {}),
                        options_.threads);
    all.assign();
    std::vector<Numbers> members;
    for (std::uint32_t i = 0; i < groups; ++i) {
      if (all.members(i).empty()) continue;
      members.emplace_back();
      for (const std::uint32_t position : all.members(i)) members.back().push_back(sample_[position]);
    }
    return members;
  }

  // Each group's number of cells: in proportion to its members, at least one and at most one a member, summing up to
  // what was asked for.
  Numbers shares(const std::vector<Numbers>& members) const {
    Numbers shares;
    std::size_t left_cells = options_.cells;
    std::size_t left_members = sample_.size();
    std::size_t left_groups = members.size();
    for (const Numbers& group : members) {
      --left_groups;
      const std::size_t others = left_members - group.size();
      const double share =
          static_cast<double>(left_cells) * static_cast<double>(group.size()) / static_cast<double>(left_members);
      // What the others need at least, and can take at most.
      const std::size_t most = std::min(group.size(), left_cells - left_groups);
      const std::size_t least = std::max<std::size_t>(1, left_cells > others ? left_cells - others : 0);
      shares.push_back(static_cast<std::uint32_t>(
          std::clamp(static_cast<std::size_t>(std::lround(share)), std::min(least, most), most)));
      left_cells -= shares.back();
      left_members = others;
    }
    return shares;
  }

  CellTable cells_of(const std::vector<Numbers>& members) const {
    const Numbers counts = shares(members);
    std::vector<CellTable> parts(members.size());
    parallel_for(members.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) parts[i] = clustered(members[i], counts[i], 1, [](double) {});
    });
    CellTable table;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      table.first.push_back(static_cast<std::uint32_t>(table.centroids.size() / centre_.size()));
      table.centroids.insert(table.centroids.end(), parts[i].centroids.begin(), parts[i].centroids.end());
      const CellTable whole = clustered(members[i], 1, 1, [](double) {});
      table.groups.insert(table.groups.end(), whole.centroids.begin(), whole.centroids.end());
    }
    return table;
  }

  static std::uint32_t searched(const CellTable& table, std::uint32_t share, std::uint32_t fewest) {
    const auto groups = static_cast<std::uint32_t>(table.first.size());
    return std::min(groups, std::max(fewest, groups / share));
  }

  CellTable refined(CellTable table, const std::function<void(double)>& progress) const {
    table.searched = searched(table, kSearchedShareInTraining, kFewestSearchedInTraining);
    SphericalKMeans clusters(rows(sample_), centre_, std::move(table), options_.threads);
    const std::uint32_t iterations = (options_.iterations + 1) / 2;
    for (std::uint32_t i = 0; i < iterations; ++i) {
      progress(kCellsShare + (1 - kCellsShare) * i / iterations);
      clusters.iterate();
    }
    CellTable result = clusters.table();
    result.searched = searched(result, kSearchedShare, kFewestSearched);
    return result;
  }

  std::span<const float> vectors_;
  std::span<const float> centre_;
  CodebookOptions options_;
  Numbers sample_;  ///< of vectors, in random order
};

}  // namespace

CellTable learn_codebook(std::span<const float> vectors, std::span<const float> centre, const CodebookOptions& options,
                         const std::function<void(double)>& progress) {
  return CodebookLearner(vectors, centre, options).learn(progress);
}

}  // namespace vecterm
