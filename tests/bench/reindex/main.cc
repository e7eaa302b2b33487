// SPDX-License-Identifier: GPL-2.0-or-later
// reindex: what following a dictionary costs, and what searches see of it.
#include <fmt/format.h>
#include <xapian.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "analyzers/errors.h"
#include "tests/bench/bar.h"
#include "tests/bench/bench_data.h"
#include "tests/bench/reindex/readers.h"
#include "tests/bench/reindex/updates.h"

using namespace vecterm;
using namespace vecterm::bench;

namespace {

constexpr int kSkipped = 77;  // what ctest and automake take for a test that was left out

const std::vector<Move> kMoves{{"rarest 1 %", 0.01, true}, {"random 1 %", 0.01, false}, {"random 10 %", 0.1, false}};
constexpr double kRarestSpeed = 20;
constexpr double kMostP99 = 2;
constexpr double kMostAddedMs = 5;
constexpr std::uint64_t kLeastQueries = 1000000;

constexpr const char* kFooter =
    R"(updates: the index is brought to a dictionary in which some words point elsewhere, and indexed anew with it. Random
words are drawn by how often they occur. Medians; bytes are those handed to the system, CPU is of all threads.
readers: searches by several threads, alone and while the index goes from dictionary to dictionary.
commits: searches by several threads, alone and while a writer commits a document each --intervals milliseconds; p99 at
10 ms is held against the one alone.

Examples:
  reindex --bars
  reindex --only updates --rounds 5 --json updates.jsonl
  reindex --only readers --queries 1000000
  reindex --only commits --intervals 0,10,100,1000 --queries 100000
  reindex --only commits --index million.db --intervals 0,10 --threads 2

VECTERM_DATA names the directory of the data sets. Exit codes: 0 ok, 1 a bar was missed, 3 failed, 77 data are missing.)";

struct Options {
  std::string only;
  std::string work;
  std::string json;
  std::string index;
  std::vector<double> intervals{0, 1000, 100, 10};
  std::size_t documents = 0;
  std::size_t rounds = 3;
  unsigned threads = 8;
  std::uint64_t queries = kLeastQueries;
  bool bars = false;
};

void add_options(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  app.add_option("--only", options.only, "one of the parts")->check(CLI::IsMember({"updates", "readers", "commits"}));
  app.add_option("--work", options.work, "build in this directory; without it in one that is removed");
  app.add_option("--json", options.json, "write an object for each figure, one a line");
  app.add_option("--index", options.index, "commits: to this index, which is changed; without it to one of the data");
  app.add_option("--intervals", options.intervals, "commits: milliseconds between two; 0 = none")->delimiter(',');
  app.add_option("--documents", options.documents, "at most so many; 0 = all");
  app.add_option("--rounds", options.rounds, "of each update and each rebuild")->check(CLI::Range(1, 1000));
  app.add_option("--threads", options.threads, "that search")->check(CLI::Range(1, 1024));
  app.add_option("--queries", options.queries, "beside the changes")->check(CLI::Range(100, 1000000000));
  app.add_flag("--bars", options.bars, "exit with 1 where a bar is missed");
}

/// Prints as it goes, and collects what goes into the file.
struct Report {
  std::string lines;
  bool missed = false;

  void bar(const std::string& what, double value, BarSense sense, double bound, int digits) {
    const std::string text = judged(value, sense, bound, digits);
    fmt::print("{:<44}{}\n", what, text);
    missed = missed || text.ends_with("MISSED");
  }
};

nlohmann::json json(const WriteCost& cost) {
  return {{"seconds", cost.seconds}, {"cpu_seconds", cost.cpu_seconds}, {"bytes", cost.bytes}};
}

nlohmann::json json(const SearchFigures& figures) {
  return {{"queries", figures.queries}, {"errors", figures.errors}, {"emptied", figures.emptied},
          {"p50_us", figures.p50_us},   {"p99_us", figures.p99_us}, {"mean_us", figures.mean_us},
          {"seconds", figures.seconds}};
}

void report_updates(const World& world, const Options& options, Report& report) {
  fmt::print("{:<12} {:>6} {:>10} {:>8} | {:>8} {:>8} {:>8} | {:>8} {:>8} {:>8} | {}\n", "moved", "words", "documents",
             "edited", "s", "CPU s", "MB", "anew s", "CPU s", "MB", "result");
  std::vector<UpdateResult> results;
  for (const Move& move : kMoves) {
    const UpdateResult& r = results.emplace_back(measure_update(world, move, options.rounds));
    fmt::print("{:<12} {:>6} {:>10} {:>8} | {:>8.2f} {:>8.2f} {:>8.1f} | {:>8.2f} {:>8.2f} {:>8.1f} | {}\n", move.name,
               r.words, r.documents, r.edited, r.update.seconds, r.update.cpu_seconds,
               static_cast<double>(r.update.bytes) / 1e6, r.rebuild.seconds, r.rebuild.cpu_seconds,
               static_cast<double>(r.rebuild.bytes) / 1e6,
               r.difference.empty() ? "the same, bit for bit" : "DIFFERS in " + r.difference);
    std::fflush(stdout);
    report.lines +=
        nlohmann::json{{"moved", move.name},          {"words", r.words},         {"documents", r.documents},
                       {"edited", r.edited},          {"update", json(r.update)}, {"rebuild", json(r.rebuild)},
                       {"same", r.difference.empty()}}
            .dump() +
        '\n';
  }
  for (const UpdateResult& r : results) {
    const double bound = r.move.rarest ? kRarestSpeed : 1;
    report.bar(r.move.name + ": times faster than anew", r.rebuild.seconds / r.update.seconds, BarSense::kAtLeast,
               bound, 2);
    report.bar(r.move.name + ": the same in CPU time", r.rebuild.cpu_seconds / r.update.cpu_seconds, BarSense::kAtLeast,
               bound, 2);
    report.bar(r.move.name + ": differences", r.difference.empty() ? 0 : 1, BarSense::kAtMost, 0, 0);
  }
}

void report_readers(const World& world, const Options& options, Report& report) {
  const ReadersResult r = measure_readers(world, options.threads, options.queries);
  for (const auto& [name, figures] : {std::pair{"alone", r.alone}, std::pair{"beside changes", r.beside}}) {
    fmt::print("{:<16} {:>9} queries in {:>6.1f} s, median {:>8.0f} us, p99 {:>8.0f} us, {} errors, {} emptied {}\n",
               name, figures.queries, figures.seconds, figures.p50_us, figures.p99_us, figures.errors, figures.emptied,
               figures.first_error);
    nlohmann::json line = json(figures);
    line["readers"] = name;
    report.lines += line.dump() + '\n';
  }
  fmt::print("meanwhile {} updates and {} switches of hash space were finished, {} documents edited\n", r.updates,
             r.switches, r.edited);
  report.bar("queries", static_cast<double>(r.beside.queries), BarSense::kAtLeast, kLeastQueries, 0);
  report.bar("errors", static_cast<double>(r.beside.errors), BarSense::kAtMost, 0, 0);
  report.bar("queries that lost their hits", static_cast<double>(r.beside.emptied), BarSense::kAtMost, 0, 0);
  report.bar("p99 beside / p99 alone", r.beside.p99_us / r.alone.p99_us, BarSense::kAtMost, kMostP99, 2);
}

void report_commits(const std::string& path, const Options& options, Report& report) {
  double alone = 0;
  for (const CommitsResult& r : measure_commits(path, options.threads, options.queries, options.intervals)) {
    const SearchFigures& figures = r.figures;
    const std::string name = r.interval_ms > 0 ? fmt::format("each {} ms", r.interval_ms) : "no commits";
    fmt::print(
        "{:<14} {:>7} commits, {:>9} queries in {:>6.1f} s, mean {:>7.0f} us, median {:>7.0f}, p99 {:>7.0f}, "
        "{} errors, {} emptied {}\n",
        name, r.commits, figures.queries, figures.seconds, figures.mean_us, figures.p50_us, figures.p99_us,
        figures.errors, figures.emptied, figures.first_error);
    std::fflush(stdout);
    nlohmann::json line = json(figures);
    line["interval_ms"] = r.interval_ms;
    line["commits"] = r.commits;
    report.lines += line.dump() + '\n';
    if (r.interval_ms == 0) alone = figures.p99_us;
    report.bar(name + ": errors", static_cast<double>(figures.errors), BarSense::kAtMost, 0, 0);
    if (alone > 0 && r.interval_ms > 0)
      report.bar(name + ": p99, ms above that alone", (figures.p99_us - alone) / 1000, BarSense::kAtMost, kMostAddedMs,
                 2);
  }
}

int run(const Options& options) {
  Report report;
  const bool all = options.only.empty();
  if (!options.index.empty()) {
    report_commits(options.index, options, report);
  } else {
    const WorkDirectory work(options.work);
    const World world(work, options.documents);
    fmt::print("{} documents, {} words\n", world.documents(), world.dictionary()->size());
    if (all || options.only == "updates") report_updates(world, options, report);
    if (all || options.only == "readers") report_readers(world, options, report);
    if (all || options.only == "commits") report_commits(world.copy("commits"), options, report);
  }
  if (!options.json.empty() && !(std::ofstream(options.json) << report.lines).flush())
    throw DiskError(options.json + ": cannot be written");
  return options.bars && report.missed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("What following a dictionary costs, and what searches see of it.", "reindex");
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    try {
      data();
    } catch (const DataError& error) {
      fmt::print(stderr, "reindex: skipped: {}\n", error.what());
      return kSkipped;
    }
    return run(options);
  } catch (const Xapian::Error& error) {
    fmt::print(stderr, "reindex: {}\n", error.get_description());
  } catch (const std::exception& error) {
    fmt::print(stderr, "reindex: {}\n", error.what());
  }
  return 3;
}
