// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/enrichment/enrichment.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm enrich corpus.jsonl --log october.tsv -o enriched.jsonl
  vecterm enrich enriched.jsonl --log november.tsv.gz --boards boards.tsv -o enriched.jsonl
  vecterm enrich corpus.jsonl.gz --log clicks.tsv --action click=1 --action long_click=3 -o - | gzip > enriched.jsonl.gz

A log has lines "query TAB item id TAB action TAB count". Each item gets the best queries as its field "queries" and
their scores, the sums of weight * count, as "query_scores". A corpus that was enriched before is blended with the new
log: a score becomes decay * old + new. So run it once for each window of time, in order. An action without a weight is
refused; give it one, 0 leaves it out.

Boards are collections that people make: lines "item id TAB title". An item named there gets the field "boards": titles
with rare words first, longer ones before shorter ones, and none whose words the others have all.

The new texts count where they are asked for: --fields title:2,text,boards,queries of train and index. Do not train on
an item's own queries, or training sees only that they are there: learn from pairs of which the log has no query.)";

struct EnrichRequest {
  std::vector<std::string> corpora;
  std::string output;
  EnrichmentOptions options;
  bool json = false;
};

Json summary_of(const EnrichmentReport& report) {
  return {{"items", report.items},
          {"with_queries", report.with_queries},
          {"with_boards", report.with_boards},
          {"log_lines", report.log_lines},
          {"unknown_log_lines", report.unknown_log_lines},
          {"board_lines", report.board_lines},
          {"unknown_board_lines", report.unknown_board_lines}};
}

void summarise(const EnrichmentReport& report) {
  message(fmt::format("wrote {} items, {} with queries and {} with boards, from {} lines", report.items,
                      report.with_queries, report.with_boards, report.log_lines + report.board_lines));
  if (const auto unknown = report.unknown_log_lines + report.unknown_board_lines; unknown > 0)
    message(fmt::format("{} lines name items that are in no corpus", unknown));
}

/// Where few items have queries, these few are found more often than they should be, and longer than the others.
void warn_of_few(const EnrichmentReport& report) {
  if (report.with_queries == 0 || 2 * report.with_queries >= report.items) return;
  message(
      fmt::format("warning: only {:.1f} % of the items have queries, and searches may get worse for all others: "
                  "compare with vecterm "
                  "eval, or give the field little weight, --fields title:2,text:2,queries",
                  100 * static_cast<double>(report.with_queries) / static_cast<double>(report.items)));
}

EnrichmentReport enrich(const EnrichRequest& request, Output& out) {
  ProgressBar bar;
  if (request.output != "-")
    return enrich_corpora_into(request.output, request.corpora, request.options, bar.function());
  const auto write = [&out](std::string_view text) { out.write(text); };
  return enrich_corpora(request.corpora, request.options, write, bar.function());
}

int run_enrich(const EnrichRequest& request, Output& out) {
  if (request.output == "-" && request.json)
    throw InvalidArgument("--json writes to standard output, and so does -o -; choose one");
  if (request.output != "-") {
    std::vector<std::string> others = request.options.logs;
    others.insert(others.end(), request.options.boards.begin(), request.options.boards.end());
    check_output_path(request.output, others);
  }
  const EnrichmentReport report = enrich(request, out);
  request.json ? out.json(summary_of(report)) : summarise(report);
  warn_of_few(report);
  return kOk;
}

void add_actions(CLI::App& verb, EnrichmentOptions& options) {
  const auto take = [&options](const std::vector<std::string>& values) {
    for (const std::string& text : values) {
      const std::size_t equals = text.rfind('=');
      if (equals == std::string::npos || equals == 0) refuse(fmt::format("--action must be NAME=N; was \"{}\"", text));
      options.actions[text.substr(0, equals)] = parse_number("--action", text.substr(equals + 1), 1e9);
    }
  };
  add_option(verb, "--action", take, "NAME=N", "what an action counts; click=1 and save=2 unless said otherwise")
      .many();
}

}  // namespace

void add_enrich(CLI::App& app, Action& action) {
  const auto request = std::make_shared<EnrichRequest>();
  CLI::App& verb = add_verb(app, "enrich", "Add engaged queries and board titles to the items of a corpus", kFooter);
  add_texts(verb, "CORPUS", request->corpora, "FILE", "items, JSON lines").required();
  add_text(verb, "-o,--output", request->output, "FILE", "corpus to write; - = standard output").required();
  add_texts(verb, "--log", request->options.logs, "FILE", "engagement: query, item id, action, count; tab-separated");
  add_texts(verb, "--boards", request->options.boards, "FILE", "collections: item id, title; tab-separated");
  add_actions(verb, request->options);
  add_number(verb, "--decay", request->options.decay, "what is left of old scores, in [0, 1]");
  add_number(verb, "--top-queries", request->options.top_queries, "most queries an item");
  add_number(verb, "--top-boards", request->options.top_boards, "most board titles an item");
  add_flag(verb, "--json", request->json, "one JSON object: what was read and written");
  set_action(verb, action, [request](Output& out) { return run_enrich(*request, out); });
}

}  // namespace vecterm::cli
