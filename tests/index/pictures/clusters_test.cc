// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/clusters.h"

#include <algorithm>
#include <set>

#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

double mean_cosine(const std::vector<float>& units, std::size_t d, const std::vector<std::size_t>& a,
                   const std::vector<std::size_t>& b) {
  double sum = 0;
  for (const std::size_t i : a)
    for (const std::size_t j : b)
      for (std::size_t k = 0; k < d; ++k)
        sum += static_cast<double>(units[i * d + k]) * static_cast<double>(units[j * d + k]);
  return sum / static_cast<double>(a.size() * b.size());
}

/// Compares all pairs of groups anew in each step.
std::vector<std::uint32_t> naive(const std::vector<float>& units, std::size_t d, std::size_t clusters) {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < units.size() / d; ++i) groups.push_back({i});
  while (groups.size() > clusters) {
    std::pair<std::size_t, std::size_t> best{0, 1};
    double nearest = -2;
    for (std::size_t i = 0; i < groups.size(); ++i)
      for (std::size_t j = i + 1; j < groups.size(); ++j)
        if (const double cosine = mean_cosine(units, d, groups[i], groups[j]); cosine > nearest) {
          nearest = cosine;
          best = {i, j};
        }
    auto& kept = groups[best.first];
    kept.insert(kept.end(), groups[best.second].begin(), groups[best.second].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(best.second));
  }
  std::ranges::sort(groups, {}, [](const auto& group) { return std::ranges::min(group); });
  std::vector<std::uint32_t> result(units.size() / d);
  for (std::uint32_t group = 0; group < groups.size(); ++group)
    for (const std::size_t i : groups[group]) result[i] = group;
  return result;
}

}  // namespace

TEST_CASE("average linkage joins as the naive loops do") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const auto units = test::Random(seed).units(40, 6);
    for (const std::size_t clusters : {1UL, 2UL, 7UL, 25UL, 40UL})
      CHECK(average_linkage(units, 6, clusters) == naive(units, 6, clusters));
  }
}

TEST_CASE("equal vectors are joined first, and more groups than vectors are one each") {
  const std::vector<float> units{1, 0, 0, 1, 1, 0};
  CHECK(average_linkage(units, 2, 2) == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(average_linkage(units, 2, 9) == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(average_linkage(units, 2, 0) == std::vector<std::uint32_t>{0, 0, 0});
  CHECK(average_linkage({}, 2, 3).empty());
}
