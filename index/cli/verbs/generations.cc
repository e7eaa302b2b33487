// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/generations.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm generations docs.db
  vecterm generations docs.db activate 1
  vecterm generations docs.db rollback
  vecterm generations docs.db retire 0

A generation is the tokens and vectors of one hash space; an index has one that serves, and at most another.
  activate ID  embeds what it lacks, and makes it serve
  rollback     makes the one serve that served before
  retire ID    takes it out of the documents, to make room)";

struct Request {
  std::string database;
  std::string action;
  std::optional<unsigned> id;
  ReindexOptions options;
  bool json = false;
};

std::int64_t seconds_ago(std::int64_t time) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count() - time;
}

std::string age(const GenerationInfo& info) {
  if (!info.since) return "-";
  const double seconds = static_cast<double>(seconds_ago(*info.since));
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172800) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

std::string_view state(const GenerationInfo& info) {
  return info.serving ? "serving" : info.served ? "served before" : "beside";
}

double share_done(const GenerationInfo& info) {
  return info.all_documents == 0 ? 1 : static_cast<double>(info.documents) / static_cast<double>(info.all_documents);
}

Json json(const GenerationInfo& info) {
  return {{"generation", info.number},
          {"serving", info.serving},
          {"served", info.served},
          {"dictionary", info.dictionary},
          {"hash_space", info.hash_space},
          {"documents", info.documents},
          {"all_documents", info.all_documents},
          {"vectors", info.vectors},
          {"done", share_done(info)},
          {"since", info.since ? Json(static_cast<std::uint64_t>(*info.since)) : Json(nullptr)},
          {"updated", info.updated ? Json(*info.updated) : Json(nullptr)}};
}

void list(const Request& request, Output& out) {
  constexpr const char* kColumns = "{:<10}  {:<13}  {:>9}  {:>7}  {:<7}  {:<32}  {}";
  const std::vector<GenerationInfo> generations = list_generations(request.database);
  if (!request.json)
    out.line(fmt::format(kColumns, "generation", "state", "documents", "done", "space", "dictionary", "age"));
  for (const GenerationInfo& info : generations)
    request.json ? out.json(json(info))
                 : out.line(fmt::format(kColumns, info.number, state(info), info.documents,
                                        fmt::format("{:.1f} %", 100 * share_done(info)), info.hash_space,
                                        info.dictionary, age(info)));
  for (const GenerationInfo& info : generations)
    if (info.updated)
      message(
          fmt::format("an update of generation {} has come through {:.0f} % of the documents; `vecterm reindex {}` "
                      "goes on with it",
                      info.number, 100 * *info.updated, request.database));
}

bool serves(const GenerationInfo& info, unsigned number) { return info.serving && info.number == number; }

void change(const Request& request) {
  if (request.action == "rollback" && request.id)
    throw InvalidArgument(fmt::format("rollback takes no ID; was {}", *request.id));
  if (request.action != "rollback" && !request.id)
    throw InvalidArgument(fmt::format("{} needs the number of a generation; `vecterm generations {}` lists them",
                                      request.action, request.database));
  if (request.action == "activate" && serves(list_generations(request.database).front(), *request.id))
    message(fmt::format("generation {} serves already", *request.id));
  ProgressBar bar;
  const ProgressFunction progress = bar.function();
  if (request.action == "rollback") return rollback_generation(request.database, request.options, progress);
  (request.action == "activate" ? activate_generation : retire_generation)(request.database, *request.id,
                                                                           request.options, progress);
}

int run(Request request, Output& out) {
  request.options.dictionaries = dictionary_directories();
  if (!request.action.empty()) change(request);
  list(request, out);
  return kOk;
}

}  // namespace

void add_generations(CLI::App& app, Action& action) {
  const auto request = std::make_shared<Request>();
  CLI::App& verb =
      add_verb(app, "generations", "List the hash spaces of an index, and choose which one serves", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index, or a stub file of several").required();
  add_choice(verb, "ACTION", request->action, {"activate", "rollback", "retire"}, "what to do; nothing lists them");
  const auto id = [request](const std::vector<std::string>& values) {
    request->id = parse_number("ID", values.back(), std::numeric_limits<unsigned>::max());
  };
  add_option(verb, "ID", id, "N", "number of a generation");
  add_write_options(verb, request->options.write);
  add_flag(verb, "--json", request->json, "one JSON object a generation");
  set_action(verb, action, [request](Output& out) { return run(*request, out); });
}

}  // namespace vecterm::cli
