// SPDX-License-Identifier: GPL-2.0-or-later
// relevance: nDCG@10 and Recall@100 of every ranking on every judged set, with intervals.
#include <fmt/format.h>
#include <xapian.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "analyzers/errors.h"
#include "tests/bench/relevance/bars.h"
#include "tests/bench/relevance/plot.h"

using namespace vecterm;
using namespace vecterm::bench;

namespace {

constexpr int kSkipped = 77;  // what ctest and automake take for a test that was left out

constexpr const char* kFooter =
    R"(Figures are means over queries with 95 % bootstrap intervals; "beyond words" are differences query by query.

Examples:
  relevance --bars --json relevance.jsonl --plot relevance.svg
  relevance --sets goodbooks,debian_related --work /tmp/relevance
  relevance --sets cranfield --dictionary my.dict --json -

VECTERM_DATA names the directory of the data sets. Exit codes: 0 ok, 3 failed, 77 data are missing.)";

struct Options {
  std::vector<std::string> sets{kSets.begin(), kSets.end()};
  std::string dictionary;
  std::string work;
  std::string json;
  std::string plot;
  bool bars = false;
  unsigned threads = 0;
};

void add_options(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  app.add_option("--sets", options.sets, "what is searched")
      ->delimiter(',')
      ->check(CLI::IsMember(std::vector<std::string>{kSets.begin(), kSets.end()}));
  app.add_option("--dictionary", options.dictionary,
                 "of cranfield, cacm, npl and chorus_icecat; without it debian's is learned");
  app.add_option("--work", options.work,
                 "keep dictionaries and indexes in this directory, and use what is there; clear it where the library "
                 "has changed");
  app.add_option("--json", options.json,
                 "write an object for each set and ranking, one a line; - = to standard output, and the tables to "
                 "standard error");
  app.add_option("--plot", options.plot, "write a picture of all sets (SVG)");
  app.add_flag("--bars", options.bars, "hold the default and the fitted profile against bars");
  app.add_option("--threads", options.threads, "0 = all cores; changes no figure")->check(CLI::Range(0, 1024));
}

bool is_complete(const Options& options, const Sets& sets) {
  for (const std::string& set : options.sets)
    if (const auto path = sets.missing(set)) {
      fmt::print(stderr, "relevance: skipped: {} needs {}, which is not there; set VECTERM_DATA\n", set, *path);
      return false;
    }
  return true;
}

void write_file(const std::string& path, const std::string& content) {
  if (!(std::ofstream(path) << content).flush()) throw DiskError(path + ": cannot be written");
}

int run(const Options& options) {
  const WorkDirectory work(options.work);
  Sets sets(work, options.dictionary, options.threads);
  if (!is_complete(options, sets)) return kSkipped;
  std::FILE* const tables = options.json == "-" ? stderr : stdout;
  std::vector<SetResults> results;
  std::string lines;
  for (const std::string& set : options.sets) {
    results.push_back(summarised(set, measure(sets.prepare(set), options.threads)));
    fmt::print(tables, "{}", ranking_table(results.back()));
    std::fflush(tables);
    lines += ranking_lines(results.back());
  }
  if (options.bars) fmt::print(tables, "{}", bar_table(results));
  if (options.json == "-")
    fmt::print("{}", lines);
  else if (!options.json.empty())
    write_file(options.json, lines);
  if (!options.plot.empty()) write_file(options.plot, gain_chart(results));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("How well each ranking does on judged sets: words, vector, and ways to put them together.",
                 "relevance");
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    return run(options);
  } catch (const Xapian::Error& error) {
    fmt::print(stderr, "relevance: {}\n", error.get_description());
  } catch (const std::exception& error) {
    fmt::print(stderr, "relevance: {}\n", error.what());
  }
  return 3;
}
