// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzers/base/json.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm check docs.db
  vecterm check docs.db --sample 1000 --json
  vecterm check docs.db --repair
  vecterm check docs.db --repair --force

Every document's tokens and vector are compared with what its words and the dictionary give; tokens of no generation,
metadata, files and the sidecar are looked at, and Xapian checks its tables. Searches and writes may go on meanwhile.
Exit code 3 says that there is damage, after --repair that some is left. Notes say what was begun and not finished, or
costs a little; they are no damage. Where a record or an entry is wrong without which something would be lost, repairing
leaves it alone unless --force is given.)";

struct Request {
  std::string database;
  CheckOptions options;
  bool repair = false;
  bool json = false;
};

Json json(const std::vector<Finding>& findings) {
  std::vector<Json> all;
  for (const Finding& finding : findings)
    all.push_back(Json{{"kind", finding.kind},
                       {"database", finding.database},
                       {"text", finding.text},
                       {"damage", finding.damage},
                       {"repairable", finding.repairable},
                       {"needs_force", finding.needs_force},
                       {"documents", finding.documents},
                       {"examples", finding.examples}});
  return all;
}

std::string describe(const Finding& finding) {
  std::string text = fmt::format("{}: {}", finding.database, finding.text);
  if (finding.documents > 0) text += fmt::format(" ({} documents", finding.documents);
  for (std::size_t i = 0; i < finding.examples.size(); ++i) text += (i == 0 ? ": " : ", ") + finding.examples[i];
  if (finding.examples.size() < finding.documents && !finding.examples.empty()) text += ", ...";
  return finding.documents > 0 ? text + ")" : text;
}

void print(const CheckReport& report, Output& out) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Finding& finding : report.findings)
    rows.emplace_back(fmt::format("{:<6}  {}", finding.damage ? "damage" : "note", finding.kind), describe(finding));
  out.table(rows);
}

/// How many findings are damage, how many notes, and what to do.
std::string summary(const CheckReport& report, const Request& request) {
  const auto damage = std::ranges::count_if(report.findings, &Finding::damage);
  const auto repairable = std::ranges::count_if(report.findings, &Finding::repairable);
  std::string text = fmt::format("computed {} documents; damage: {}, notes: {}", report.documents, damage,
                                 static_cast<std::ptrdiff_t>(report.findings.size()) - damage);
  if (repairable > 0 && !request.repair)
    text += fmt::format("; `vecterm check {} --repair` mends {} of them", request.database, repairable);
  const auto by_force = std::ranges::count_if(report.findings, &Finding::needs_force);
  if (by_force > 0 && !request.options.force)
    text += fmt::format("; --repair --force mends {}, and gives up what they say", by_force);
  return text;
}

RepairReport check(const Request& request) {
  ProgressBar bar;
  const ProgressFunction progress = bar.function();
  if (request.repair) return repair_index(request.database, request.options, progress);
  return {{}, check_index(request.database, request.options, progress)};
}

int run(Request request, Output& out) {
  request.options.edit.dictionaries = dictionary_directories();
  const auto [found, left] = check(request);
  if (request.json) {
    Json object{{"documents", left.documents}, {"damage", left.has_damage()}, {"findings", json(left.findings)}};
    if (request.repair) object.set("before", json(found.findings));
    out.json(object);
  } else {
    if (request.repair && !found.findings.empty()) {
      print(found, out);
      message("repaired; what is left:");
    }
    print(left, out);
    message(summary(left, request));
  }
  return left.has_damage() ? kData : kOk;
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  const auto request = std::make_shared<Request>();
  CLI::App& verb = add_verb(app, "check", "Compare an index with what it should be, and repair it", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index, or a stub file of several").required();
  add_number(verb, "--sample", request->options.sample, "documents that are computed again; 0 = all");
  const Option repair = add_flag(verb, "--repair", request->repair, "mend what can be, and check again");
  add_flag(verb, "--force", request->options.force, "give up what cannot be made again, where a finding says so")
      .needs(repair);
  add_write_options(verb, request->options.edit.write);
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) { return run(*request, out); });
}

}  // namespace vecterm::cli
