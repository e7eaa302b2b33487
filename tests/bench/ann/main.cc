// SPDX-License-Identifier: GPL-2.0-or-later
// ann: recall@10 against latency of every plan and family of vecterm, of hnswlib, Faiss and an exact scan; filters,
// mixed search, build time, disk and memory. One run, one thread. The README's figures come from it.
#include <fmt/format.h>
#include <omp.h>
#include <xapian.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "tests/bench/ann/bars.h"
#include "tests/bench/ann/resident.h"
#include "tests/bench/ann/set.h"
#include "tests/bench/ann/usage.h"
#include "tests/bench/bench_data.h"

using namespace vecterm;
using namespace vecterm::bench;

namespace {

constexpr const char* kFooter =
    R"(Latencies are CPU times of single queries, half passages and half of 3 to 5 words; ratios hold within one run.

Examples:
  ann --json ann.jsonl --plot ann.svg
  ann --sets 1M --work /tmp/ann --families cells

VECTERM_DATA names the directory of the data sets, VECTERM_BENCH_CORPUS and VECTERM_BENCH_PAIRS other files.)";

void add_options(CLI::App& app, AnnOptions& options) {
  app.footer(kFooter);
  app.option_defaults()->always_capture_default();
  app.add_option("--sets", options.sets, "64k (the corpus), 1M (passages made from it)")
      ->delimiter(',')
      ->check(CLI::IsMember({"64k", "1M"}));
  app.add_option("--systems", options.systems, "what is measured")->delimiter(',')->check(CLI::IsMember(kSystems));
  app.add_option("--families", options.families, "token families; mixed search and filters need cells")->delimiter(',');
  app.add_option("--queries", options.queries, "queries asked")->check(CLI::Range(50, 100000));
  app.add_option("--rounds", options.rounds, "rounds over all systems")->check(CLI::Range(1, 100));
  app.add_option("--epochs", options.epochs, "of learning the words' vectors")->check(CLI::Range(1, 1000));
  app.add_option("--seed", options.seed, "of passages and queries");
  app.add_option("--limit", options.limit, "documents of a set at most; 0 = all");
  app.add_option("--work", options.work,
                 "keep what is built in this directory, and use what is there; clear it "
                 "where the library has changed");
  app.add_option("--json", options.json, "write an object for each point, one a line");
  app.add_option("--plot", options.plot, "write a picture of each set; its name goes before the suffix");
}

// "ann.svg" -> "ann-64k.svg"
std::string plot_path(const std::string& path, const std::string& set) {
  std::filesystem::path named(path);
  named.replace_filename(fmt::format("{}-{}{}", named.stem().string(), set, named.extension().string()));
  return named.string();
}

DictionaryContents learned_words(std::uint32_t epochs) {
  fmt::print(stderr, "ann: learning the words' vectors\n");
  DictionaryContents contents = learned(epochs);
  // Takes the place of the space that each set learns for itself.
  HashSpaceOptions options;
  options.family = "hyperplane";
  contents.hash_space = random_hash_space(std::vector<float>(contents.dimensions), options);
  return contents;
}

void run(const AnnOptions& options) {
  omp_set_num_threads(1);
  const DictionaryContents contents = learned_words(options.epochs);
  const Texts texts(data().documents, options.seed);
  const WorkDirectory work(options.work);
  std::ofstream json(options.json);
  std::vector<SetReport> reports;
  for (const std::string& set : options.sets) {
    reports.push_back(run_set(set, options, texts, contents, work));
    fmt::print("{}", point_table(reports.back()));
    std::fflush(stdout);
    json << point_lines(reports.back()) << std::flush;
    if (!options.plot.empty()) plot(reports.back(), plot_path(options.plot, set));
  }
  if (!options.json.empty() && !json) throw DiskError(options.json + ": cannot be written");
  fmt::print("{}\nreading the clock takes {:.2f} us of each latency\n", bar_table(reports), clock_cost_us());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 5 && std::string(argv[1]) == kSearchOnly) return search_only(argv[2], argv[3], argv[4]);
    CLI::App app("Recall and latency of vecterm, hnswlib, Faiss and an exact scan, in one run by one thread.", "ann");
    AnnOptions options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    run(options);
    return 0;
  } catch (const Xapian::Error& error) {
    fmt::print(stderr, "ann: {}\n", error.get_description());
  } catch (const std::exception& error) {
    fmt::print(stderr, "ann: {}\n", error.what());
  }
  return 3;
}
