// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/pictures/tuning_chart.h"
#include "index/tuner.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "analyzers/base/json.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/index.h"
#include "index/tuning/hash_space_tuner.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm tune docs.db
  vecterm tune docs.db --recall 0.99 --queries queries.jsonl --plot recall.svg
  vecterm tune docs.db --dry-run --json
  vecterm tune docs.db --recall 0.95 --dictionary new.dict

Searches a sample with rising limits, judges the hits by exact scans, and stores with the index which recall needs which
limits: from then on searches aim at --recall, and 'vecterm search --recall' at any other that was seen. Queries that
people asked make a better sample than documents, which are easier to find.

With --dictionary, hash spaces with other numbers are learned from the index's documents and tried in memory. The one
that costs least at the recall goes, with the same words and vectors, into a new dictionary: reindex with it.)";

struct TuneRequest {
  std::string database;
  TuneOptions options;
  std::string plot;
  std::string dictionary;
  bool dry_run = false;
  bool json = false;
};

std::string reach_text(const ProbeLimits& limits) {
  return std::isfinite(limits.reach) ? fmt::format("{:.4g}", limits.reach) : "-";
}

void print_table(const Tuning& tuning, Output& out) {
  const TuningPoint& chosen = tuning.at(tuning.target);
  out.line(fmt::format("  {:>6}  {:>8}  {:>9}  {:>10}  {:>7}  {:>5}  {:>7}", "recall", "probes", "postings",
                       "candidates", "CPU us", "most", "reach"));
  for (const TuningPoint& point : tuning.curve)
    out.line(fmt::format("{} {:.4f}  {:8.1f}  {:9.1f}  {:10.1f}  {:7.1f}  {:5}  {:>7}", &point == &chosen ? '*' : ' ',
                         point.recall, point.probes, point.postings, point.candidates, point.microseconds,
                         point.limits.most, reach_text(point.limits)));
}

void print_hash_spaces(const HashSpaceTuning& spaces, Output& out) {
  out.line(fmt::format("  {:>6}  {:>8}  {:>9}  {:>9}  hash space", "recall", "probes", "postings", "cost us"));
  for (std::size_t i = 0; i < spaces.trials.size(); ++i) {
    const auto& [hash_space, reached, point] = spaces.trials[i];
    out.line(fmt::format("{} {:.4f}  {:8.1f}  {:9.1f}  {:9.1f}  {}: {}{}{}", i == spaces.best ? '*' : ' ', point.recall,
                         point.probes, point.postings, point.cost(), hash_space->family(),
                         hash_space_numbers(*hash_space), i == 0 ? " (the index's own)" : "",
                         reached ? "" : " (does not reach the recall)"));
  }
}

Json to_json(const HashSpaceTuning& spaces) {
  std::vector<Json> values;
  for (std::size_t i = 0; i < spaces.trials.size(); ++i) {
    const auto& [hash_space, reached, point] = spaces.trials[i];
    Json object;
    object.set("family", hash_space->family());
    object.set("numbers", hash_space_numbers(*hash_space));
    object.set("own", i == 0);
    object.set("best", i == spaces.best);
    object.set("reached", reached);
    object.set("recall", point.recall);
    object.set("probes", point.probes);
    object.set("postings", point.postings);
    object.set("cost", point.cost());
    values.push_back(std::move(object));
  }
  return values;
}

// Tries other hash spaces, and writes the best unless it is the index's own.
HashSpaceTuning tune_dictionary(const TuneRequest& request) {
  HashSpaceTuning spaces;
  {
    ProgressBar bar;
    spaces = tune_hash_space(request.database, request.options, bar.function());
  }
  const auto& best = spaces.trials[spaces.best].hash_space;
  if (spaces.keeps_own()) {
    message(fmt::format("the index's own hash space is the best; {} was not written", request.dictionary));
  } else if (request.dry_run) {
    message(fmt::format("{} was not written", request.dictionary));
  } else {
    const Index index(request.database, {.dictionaries = request.options.dictionaries});
    write_dictionary(request.dictionary, with_hash_space(index.dictionary(), best));
    message(fmt::format("wrote {} with hash space {}: the index follows with 'vecterm reindex {} --dict {}'",
                        request.dictionary, best->id(), request.database, request.dictionary));
  }
  return spaces;
}

void print_json(const Tuning& tuning, const std::optional<HashSpaceTuning>& spaces, Output& out) {
  const TuningPoint& chosen = tuning.at(tuning.target);
  Json object = Json::parsed(tuning.to_json());
  object.set("most", chosen.limits.most);
  object.set("reach", std::isfinite(chosen.limits.reach) ? Json(chosen.limits.reach) : Json(nullptr));
  if (spaces) object.set("hash_spaces", to_json(*spaces));
  out.json(object);
}

int run_tune(TuneRequest request, Output& out) {
  request.options.dictionaries = dictionary_directories();
  if (!request.plot.empty()) check_output_path(request.plot, {request.options.queries, request.dictionary});
  std::optional<HashSpaceTuning> spaces;
  if (!request.dictionary.empty()) {
    check_output_path(request.dictionary, {request.options.queries});
    spaces = tune_dictionary(request);
    if (!request.json) print_hash_spaces(*spaces, out);
  }
  Tuning tuning;
  {
    ProgressBar bar;
    tuning = tune_index(request.database, request.options, bar.function());
  }
  if (!request.dry_run) store_tuning(request.database, tuning, request.options.dictionaries);
  if (!request.plot.empty()) write_line_chart(request.plot, tuning_chart(tuning));
  request.json ? print_json(tuning, spaces, out) : print_table(tuning, out);
  const TuningPoint& chosen = tuning.at(tuning.target);
  message(fmt::format("recall {:.4f} of {} queries with at most {} probes and reach {}{}", chosen.recall,
                      tuning.queries, chosen.limits.most, reach_text(chosen.limits),
                      request.dry_run ? "; nothing was stored" : "; stored in " + request.database));
  return kOk;
}

}  // namespace

void add_tune(CLI::App& app, Action& action) {
  const auto request = std::make_shared<TuneRequest>();
  TuneOptions& options = request->options;
  CLI::App& verb = add_verb(app, "tune", "Measure which recall needs how many probes, and store it", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to tune").required();
  add_number(verb, "--recall", options.recall, "share of the nearest documents that searches shall find");
  add_text(verb, "--queries", options.queries, "FILE", "queries, JSON lines with _id, text; documents where missing");
  add_number(verb, "--sample", options.sample, "how many queries are measured");
  add_number(verb, "-k,--k", options.k, "nearest documents that count");
  add_text(verb, "--plot", request->plot, "FILE", "recall by postings read, as an SVG picture");
  add_text(verb, "--dictionary", request->dictionary, "NEW", "dictionary to write where another hash space is cheaper");
  add_flag(verb, "--dry-run", request->dry_run, "store nothing");
  add_threads(verb, options.threads);
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) { return run_tune(*request, out); });
}

}  // namespace vecterm::cli
