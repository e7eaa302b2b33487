// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/reindex/updates.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "index/indexer.h"
#include "index/reindex.h"
#include "tests/bench/reindex/same_database.h"

namespace vecterm::bench {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// The line "wchar: N".
std::uint64_t bytes_written() {
  std::ifstream file("/proc/self/io");
  std::string name;
  for (std::uint64_t number = 0; file >> name >> number;)
    if (name == "wchar:") return number;
  return 0;
}

WriteCost cost(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  const std::uint64_t bytes = bytes_written();
  run();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), cpu_seconds() - cpu,
          bytes_written() - bytes};
}

template <class Number>
Number median(const std::vector<WriteCost>& costs, Number WriteCost::*member) {
  std::vector<Number> numbers;
  for (const WriteCost& one : costs) numbers.push_back(one.*member);
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

WriteCost medians(const std::vector<WriteCost>& costs) {
  return {median(costs, &WriteCost::seconds), median(costs, &WriteCost::cpu_seconds), median(costs, &WriteCost::bytes)};
}

}  // namespace

UpdateResult measure_update(const World& world, const Move& move, std::size_t rounds) {
  UpdateResult result{move, 0, 0, 0, {}, {}, {}};
  const auto dictionary = world.moved(move, 1);
  std::vector<WriteCost> updates;
  std::vector<WriteCost> rebuilds;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string updated = world.copy("updated");
    updates.push_back(cost([&] {
      const ReindexReport report = reindex(updated, dictionary);
      result.words = report.words_moved;
      result.documents = report.documents;
      result.edited = report.edited;
    }));
    const std::string rebuilt = updated + ".rebuilt";
    std::filesystem::remove_all(rebuilt);
    rebuilds.push_back(cost([&] { index_corpora(rebuilt, dictionary, {world.corpus()}); }));
    if (round == 0) result.difference = first_difference(updated, rebuilt);
    std::filesystem::remove_all(rebuilt);
  }
  result.update = medians(updates);
  result.rebuild = medians(rebuilds);
  return result;
}

}  // namespace vecterm::bench
