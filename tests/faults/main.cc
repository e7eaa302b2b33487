// SPDX-License-Identifier: GPL-2.0-or-later
// faults: kills vecterm at many points, fills its disk and refuses what it asks of the system, and looks at what is
// left.
#include <fmt/format.h>
#include <xapian.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <mutex>

#include "analyzers/base/parallel.h"
#include "tests/bench/work_directory.h"
#include "tests/faults/full_disk.h"
#include "tests/faults/kill_points.h"
#include "tests/faults/refusals.h"
#include "tests/faults/report.h"

using namespace vecterm;
using namespace vecterm::faults;

namespace {

constexpr const char* kFooter =
    R"(Each point is a run on a copy of a small index that is killed, meets a full disk, or is refused what it asks of the
system: files, memory, reading, writing. Then no acknowledged document may be lost, every document must wholly have or lack each generation, and the run that goes on must end with the
contents of one that was never interrupted.

Examples:
  faults
  faults --quick
  faults --points 0 --disk-points 0 --refusals 1000
  faults --scenario update --step flush --points 1000 --disk-points 0 --work /tmp/faults
  faults --dictionaries ngrams

Exit codes: 0 ok, 1 something was wrong, 3 the tests could not be run.)";

constexpr std::size_t kLeastPoints = 50;  // at each step in a full run

struct Options {
  std::size_t points = 20;
  std::size_t disk_points = 200;
  std::size_t refusals = 200;
  std::uint64_t seed = 1;
  unsigned variants = 8;
  std::vector<std::string> scenarios{kScenarios.begin(), kScenarios.end()};
  std::string dictionaries = "all";
  std::vector<std::string> steps;
  std::string work;
  unsigned threads = 0;
  bool quick = false;
};

void add_options(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  app.add_option("--points", options.points, "kills of each scenario, step and moment at most");
  app.add_option("--disk-points", options.disk_points, "full disks");
  app.add_option("--refusals", options.refusals, "points of each kind of refusal");
  app.add_option("--seed", options.seed, "which points are taken");
  app.add_option("--variants", options.variants, "indexes and batch sizes of each scenario")->check(CLI::Range(1, 100));
  app.add_option("--scenario", options.scenarios, "what is interrupted")
      ->check(CLI::IsMember(std::vector<std::string>{kScenarios.begin(), kScenarios.end()}));
  app.add_option("--dictionaries", options.dictionaries, "what they have; all = in turn, by scenario and variant")
      ->check(CLI::IsMember({"words", "hashed", "ngrams", "all"}));
  app.add_option("--step", options.steps, "where it is killed; without it everywhere");
  app.add_option("--work", options.work, "keep the databases of points that failed in this directory");
  app.add_option("--threads", options.threads, "0 = all cores")->check(CLI::Range(0, 64));
  app.add_flag("--quick", options.quick, "few points, for continuous integration");
}

/// Runs each of them in a directory of its own, which is removed where all was well.
template <class Point, class Run>
void run_all(const std::vector<Point>& points, const std::string& directory, const Options& options, const Run& run,
             Report& report) {
  std::mutex mutex;
  parallel_for(points.size(), 1, options.threads, [&](std::size_t i, std::size_t) {
    const std::string place = (std::filesystem::path(directory) / std::to_string(i)).string();
    const std::vector<std::string> complaints = run(points[i], place);
    if (complaints.empty()) {
      std::filesystem::remove_all(place);
      std::filesystem::remove(place + ".acknowledged");
    }
    const std::lock_guard lock(mutex);
    report.add(points[i], complaints, place);
  });
}

test::Entries entries_of(const Options& options, std::size_t scenario, std::size_t variant) {
  using enum test::Entries;
  constexpr std::array kInTurn{kWords, kHashed, kNGrams};
  if (options.dictionaries == "words") return kWords;
  if (options.dictionaries == "hashed") return kHashed;
  if (options.dictionaries == "ngrams") return kNGrams;
  return kInTurn[(scenario + variant) % kInTurn.size()];
}

int run(const Options& options) {
  const bench::WorkDirectory work(options.work);
  Report report;
  std::vector<Rehearsal> rehearsals;
  for (std::size_t i = 0; i < options.scenarios.size(); ++i)
    for (unsigned variant = 0; variant < options.variants; ++variant)
      rehearsals.push_back(rehearse(options.scenarios[i], variant, entries_of(options, i, variant),
                                    work.below(fmt::format("{}-{}", options.scenarios[i], variant))));

  std::vector<KillPoint> kills = choose_kill_points(rehearsals, options.points, options.seed);
  if (!options.steps.empty())
    std::erase_if(kills, [&](const KillPoint& point) {
      return std::ranges::find(options.steps, point.step()) == options.steps.end();
    });
  run_all(kills, work.below("kills"), options, run_kill_point, report);

  const bool mounts = can_mount(work.below("mount"));
  if (!mounts) fmt::print("no file system can be mounted here: full disks are made by the interposer alone\n");
  const auto disks = choose_disk_points(rehearsals, options.disk_points, mounts);
  run_all(disks, work.below("disks"), options, run_disk_point, report);
  run_all(choose_refusal_points(rehearsals, options.refusals, options.seed), work.below("refusals"), options,
          run_refusal_point, report);
  fmt::print("{}", report.table());
  const bool full =
      !options.quick && options.points > 0 && options.steps.empty() && options.scenarios.size() == kScenarios.size();
  const std::vector<std::string> scarce = full ? report.scarce(kLeastPoints) : std::vector<std::string>();
  for (const std::string& row : scarce) fmt::print("fewer than {} points: {}\n", kLeastPoints, row);
  return report.failures() == 0 && scarce.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("Kills vecterm at many points and fills its disk, and looks at what is left.", "faults");
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    if (options.quick) {
      options.points = 2;
      options.variants = 1;
      options.disk_points = 24;
      options.refusals = 3;
    }
    return run(options);
  } catch (const Xapian::Error& error) {
    fmt::print(stderr, "faults: {}\n", error.get_description());
  } catch (const std::exception& error) {
    fmt::print(stderr, "faults: {}\n", error.what());
  }
  return 3;
}
