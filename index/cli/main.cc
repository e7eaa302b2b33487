// SPDX-License-Identifier: GPL-2.0-or-later
#include <csignal>

#include "index/cli/cli.h"
#include "index/cli/command_line.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl
  vecterm index docs.db --dict words.dict corpus.jsonl
  vecterm search docs.db "watch films on my computer"

Every text input may be gzipped and "-" reads standard input. Data goes to standard output, messages to standard
error. Exit codes: 0 ok, 1 no match, 2 usage, 3 bad or missing data, 4 index locked, 5 disk, 6 system.)";

void add_verbs(CLI::App& app, Action& action) {
  add_train(app, action);
  add_dict(app, action);
  add_enrich(app, action);
  add_index(app, action);
  add_embed(app, action);
  add_reindex(app, action);
  add_generations(app, action);
  add_check(app, action);
  add_delete(app, action);
  add_search(app, action);
  add_tune(app, action);
  add_tune_rank(app, action);
  add_profiles(app, action);
  add_eval(app, action);
  add_eval_labels(app, action);
  add_eval_pairs(app, action);
  add_inspect(app, action);
}

}  // namespace

}  // namespace vecterm::cli

int main(int argc, char** argv) {
  vecterm::cli::take_standard_files();
  // A reader that goes away must not kill a command halfway; write() reports it instead.
  std::signal(SIGPIPE, SIG_IGN);
  vecterm::cli::expect_failures();
  try {
    vecterm::cli::Output out;
    const int code = vecterm::cli::run_command(argc, argv, "Search by meaning from the inverted index of Xapian.",
                                               vecterm::cli::kFooter, vecterm::cli::add_verbs, out);
    out.flush();
    return code;
  } catch (...) {
    return vecterm::cli::report_failure();
  }
}
