// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl
  vecterm index docs.db --dict words.dict corpus.jsonl
  vecterm search docs.db "watch films on my computer"

Every text input may be gzipped and "-" reads standard input. Data goes to standard output, messages to standard
error. Exit codes: 0 ok, 1 no match, 2 usage, 3 bad or missing data, 4 index locked, 5 disk.)";

/// CLI11 calls an unknown verb a missing one. @throws InvalidArgument that names the closest verb
void refuse_verb(const CLI::App& app, const std::string& path, const std::string& verb) {
  std::string closest;
  std::size_t fewest = 4;
  for (const CLI::App* known : app.get_subcommands({})) {
    const std::size_t distance = edit_distance(verb.substr(0, 64), known->get_name());
    if (distance >= fewest) continue;
    fewest = distance;
    closest = known->get_name();
  }
  const std::string advice =
      closest.empty() ? fmt::format("see '{} --help'", path) : fmt::format("did you mean '{} {}'?", path, closest);
  throw InvalidArgument(fmt::format("unknown verb '{}'; {}", verb, advice));
}

/// @param reversed  as arguments() gives them
void check_verbs(const CLI::App& app, const std::vector<std::string>& reversed) {
  const CLI::App* level = &app;
  std::string path = app.get_name();
  for (auto argument = reversed.rbegin(); argument != reversed.rend(); ++argument) {
    if (level->get_subcommands({}).empty() || argument->starts_with('-')) return;
    const auto known = level->get_subcommands({});
    const auto next =
        std::find_if(known.begin(), known.end(), [&](const CLI::App* verb) { return verb->get_name() == *argument; });
    if (next == known.end()) refuse_verb(*level, path, *argument);
    level = *next;
    path += ' ' + *argument;
  }
  if (!level->get_subcommands({}).empty())
    throw InvalidArgument(fmt::format("a verb is required; see '{} --help'", path));
}

/// The command line up to its last verb: "vecterm dict info".
std::string verb_path(const CLI::App& app) {
  std::string path = app.get_name();
  for (auto level = app.get_subcommands(); !level.empty(); level = level[0]->get_subcommands())
    path += ' ' + level[0]->get_name();
  return path;
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
  // A misspelt option is the likelier cause of a required one that is missing.
  const std::vector<std::string> unknown = app.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty())
    return fmt::format("the following argument was not expected: {}", unknown.front());
  // CLI11 begins its messages like sentences, but for those that begin with an option's name.
  std::string text = error.what();
  if (text.size() > 1 && text[1] >= 'a' && text[1] <= 'z' && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

void add_verbs(CLI::App& app, Action& action) {
  set_help_layout(app);
  app.set_version_flag("--version", std::string("vecterm " VECTERM_VERSION), "Print the version and exit");
  app.footer(kFooter);
  require_verb(app);
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

int run(std::vector<std::string> reversed, Output& out) {
  Action action;
  CLI::App app("Search by meaning from the inverted index of Xapian.", "vecterm");
  add_verbs(app, action);
  check_verbs(app, reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    out.write(app.help());
    return kOk;
  } catch (const CLI::CallForVersion& version) {
    out.line(version.what());
    return kOk;
  } catch (const CLI::ParseError& error) {
    throw InvalidArgument(fmt::format("{}; see '{} --help'", complaint(app, error), verb_path(app)));
  }
  return action(out);
}

}  // namespace

}  // namespace vecterm::cli

int main(int argc, char** argv) {
  // A reader that goes away must not kill a command halfway; write() reports it instead.
  std::signal(SIGPIPE, SIG_IGN);
  vecterm::cli::expect_full_disk();
  try {
    vecterm::cli::Output out;
    const int code = vecterm::cli::run(vecterm::cli::arguments(argc, argv), out);
    out.flush();
    return code;
  } catch (...) {
    return vecterm::cli::report_failure();
  }
}
