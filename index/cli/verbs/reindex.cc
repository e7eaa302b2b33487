// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/reindex.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm reindex docs.db --dict new.dict --dry-run
  vecterm reindex docs.db --dict new.dict
  vecterm reindex docs.db --watch

With a dictionary of the index's hash space (vecterm train --update makes one), only documents with a word that changed
are computed again, and only what differs is written; where it is hashed, that is nearly all of them, as is said in
advance. With one of another hash space, a generation is built beside the serving one; vecterm generations makes it
serve. Searches go on meanwhile, and other programs get the write lock between two batches. An interrupted run goes on
when it is started again.

Without --dict, what was begun is finished, and documents that other programs added get their embeddings.)";

constexpr std::chrono::milliseconds kInterval{1000};

struct Request {
  std::string database;
  std::string dictionary;
  ReindexOptions options;
  bool dry_run = false;
  bool watch = false;
  bool json = false;
};

std::atomic<bool> stopped = false;
static_assert(std::atomic<bool>::is_always_lock_free);

std::string_view name_of(ReindexReport::Kind kind) {
  switch (kind) {
    case ReindexReport::Kind::kUpdate:
      return "update";
    case ReindexReport::Kind::kGeneration:
      return "generation";
    default:
      return "current";
  }
}

Json json(const ReindexReport& report) {
  return {{"kind", name_of(report.kind)},
          {"generation", report.generation},
          {"words_added", report.words_added},
          {"words_removed", report.words_removed},
          {"words_moved", report.words_moved},
          {"hashed", report.forecast.hashed},
          {"changed_share", report.forecast.changed_share},
          {"everywhere", report.everywhere},
          {"documents", report.documents},
          {"vectors", report.vectors},
          {"edited", report.edited},
          {"tokens_removed", report.tokens_removed},
          {"tokens_added", report.tokens_added},
          {"bytes", report.bytes}};
}

void warn(const ReindexReport& report) {
  if (const std::string warning = report.forecast.text(); !warning.empty()) message(warning);
}

void print(const ReindexReport& report, bool dry_run, const std::string& database) {
  if (report.kind == ReindexReport::Kind::kUpdate)
    message(report.everywhere
                ? fmt::format("update of generation {}; the dictionary before is missing, so no document is left out",
                              report.generation)
                : fmt::format("update of generation {}: {} words added, {} removed, {} moved", report.generation,
                              report.words_added, report.words_removed, report.words_moved));
  message(report.documents == 0
              ? "no document has to be computed again"
              : fmt::format("{} {} documents, of which {} change: {} tokens removed, {} added, {} bytes",
                            dry_run ? "would compute" : "computed", report.documents, report.edited,
                            report.tokens_removed, report.tokens_added, report.bytes));
  if (report.kind == ReindexReport::Kind::kGeneration)
    message(fmt::format("generation {} {}beside the serving one; `vecterm generations {} activate {}` makes it serve",
                        report.generation, dry_run ? "would be built " : "is ", database, report.generation));
}

void watch(const Request& request) {
  const auto stop = [](int) { stopped = true; };
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  message(fmt::format("watching {}; stop with Ctrl-C", request.database));
  watch_index(
      request.database, request.options, kInterval, [] { return !stopped; },
      [](const ReindexReport& report) { message(fmt::format("embedded {} documents", report.edited)); });
}

int run(Request request, Output& out) {
  request.options.dictionaries = dictionary_directories();
  if (request.dry_run && request.watch) throw InvalidArgument("--dry-run and --watch exclude each other");
  const auto dictionary = request.dictionary.empty() ? nullptr : Dictionary::open(request.dictionary);
  ReindexReport report;
  warn(forecast_reindex(request.database, dictionary, request.options));
  {
    ProgressBar bar;
    const ProgressFunction progress = bar.function();
    report = request.dry_run ? plan_reindex(request.database, dictionary, request.options, progress)
                             : reindex(request.database, dictionary, request.options, progress);
  }
  request.json ? out.json(json(report)) : print(report, request.dry_run, request.database);
  if (request.watch) watch(request);
  return kOk;
}

}  // namespace

void add_reindex(CLI::App& app, Action& action) {
  const auto request = std::make_shared<Request>();
  CLI::App& verb = add_verb(app, "reindex", "Make an index follow a new dictionary, while it is used", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to change, or a stub file of several").required();
  add_text(verb, "--dict", request->dictionary, "DICT", "the new dictionary; the current one where it is missing");
  add_number(verb, "--rate", request->options.rate, "documents a second at most; 0 = as many as it can");
  add_write_options(verb, request->options.write);
  add_flag(verb, "--dry-run", request->dry_run, "say what would be done, and do nothing");
  add_flag(verb, "--watch", request->watch, "go on, and embed what other programs add");
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) { return run(*request, out); });
}

}  // namespace vecterm::cli
