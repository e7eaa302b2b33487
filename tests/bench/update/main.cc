// SPDX-License-Identifier: GPL-2.0-or-later
// update: what a dictionary that follows another one is worth, and how much of the index it leaves as it is.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "analyzers/errors.h"
#include "tests/bench/update/report.h"

using namespace vecterm;
using namespace vecterm::bench;

namespace {

constexpr int kSkipped = 77;  // what ctest and automake take for a test that was left out

constexpr const char* kFooter =
    R"(The old dictionary is learned from 80 % of the pairs of the debian set, the others from all pairs. Columns:
Recall@10 of held-out packages among all, with queries and documents by the new dictionary, and with documents still by
the old one; tokens of the documents that stay, for 16 x 8 hyperplanes and for cells; documents with a changed word, and
documents whose tokens or float16 vectors change; Recall@100 of related packages, least of all moments at which a tenth
more of the documents has followed, and when all have. All by exact cosines.

Examples:
  update --bars
  update --anchors 0,1,10 --json anchors.jsonl

VECTERM_DATA names the directory of the data sets. Exit codes: 0 ok, 1 a bar is missed, 3 failed, 77 data are missing.)";

struct Options {
  std::vector<double> anchors{0, 0.05, 0.5, 5};
  std::string json;
  bool bars = false;
  bool quick = false;
  unsigned threads = 0;
};

void add_options(CLI::App& app, Options& options) {
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  app.add_option("--anchors", options.anchors, "beside the default, without epsilon; 0 = a free warm start")
      ->delimiter(',');
  app.add_option("--json", options.json, "write an object for each dictionary, one a line");
  app.add_flag("--bars", options.bars, "hold the default against bars, which need the anchor 0");
  app.add_flag("--quick", options.quick, "few pairs, queries and epochs: to see that it works; figures mean nothing");
  app.add_option("--threads", options.threads, "0 = all cores; changes no figure")->check(CLI::Range(0, 1024));
}

int run(const Options& options) {
  if (!std::filesystem::exists(data_directory())) {
    fmt::print(stderr, "update: skipped: there is no {}; set VECTERM_DATA\n", data_directory());
    return kSkipped;
  }
  const UpdateData data = read_update_data(options.quick ? 0.1 : 1, options.threads);
  const Contenders contenders = train_all(data, options.anchors, options.quick ? 1 : 10, options.threads);
  std::vector<Result> results;
  for (const Contender& follower : contenders.followers) {
    fmt::print(stderr, "update: measuring {}\n", follower.name);
    results.push_back({follower.name, follower.seconds, measure(follower, contenders, data, options.threads)});
  }
  fmt::print("{}", table(results));
  if (!options.json.empty() && !(std::ofstream(options.json) << json_lines(results)).flush())
    throw DiskError(options.json + ": cannot be written");
  if (!options.bars) return 0;
  const Verdict verdict = bars(results);
  fmt::print("{}", verdict.text);
  return verdict.met ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    CLI::App app("What a dictionary that follows another one is worth, and how much of the index stays.", "update");
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    return run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "update: {}\n", error.what());
  }
  return 3;
}
