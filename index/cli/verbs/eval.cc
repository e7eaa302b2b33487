// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/base/json.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/evaluation.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm eval docs.db --queries queries.jsonl --qrels qrels.tsv
  vecterm eval docs.db --queries queries.jsonl --qrels qrels.tsv --mode words --rel-min 2 --json
  vecterm eval docs.db --queries queries.jsonl --qrels qrels.tsv --rank 'bm25/max_bm25 + 0.5*cosine'

Queries are plain text without operators; 100 hits are taken of each. Queries without a relevant document are left
out.)";

struct EvalRequest {
  std::string database;
  std::string queries;
  std::string judgements;
  std::string mode = "mixed";
  std::string rank;
  EvaluationOptions options;
  bool json = false;
};

int run_eval(EvalRequest request, Output& out) {
  request.options.mode = search_mode(request.mode);
  request.options.dictionaries = dictionary_directories();
  if (!request.rank.empty()) request.options.ranking = ranking_by(request.rank);
  Metrics metrics;
  {
    ProgressBar bar;
    metrics = evaluate(request.database, request.queries, request.judgements, request.options, bar.function());
  }
  if (request.json) {
    out.json(Json{{"ndcg@10", metrics.ndcg_10},
                  {"recall@10", metrics.recall_10},
                  {"recall@100", metrics.recall_100},
                  {"mrr@10", metrics.mrr_10},
                  {"queries", metrics.queries},
                  {"learned_queries", metrics.learned ? Json(*metrics.learned) : Json(nullptr)}});
  } else {
    out.table({{"nDCG@10", fmt::format("{:.4f}", metrics.ndcg_10)},
               {"Recall@10", fmt::format("{:.4f}", metrics.recall_10)},
               {"Recall@100", fmt::format("{:.4f}", metrics.recall_100)},
               {"MRR@10", fmt::format("{:.4f}", metrics.mrr_10)},
               {"queries", fmt::format("{}", metrics.queries)}});
  }
  warn_of_learned(metrics.learned);
  return kOk;
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  const auto request = std::make_shared<EvalRequest>();
  CLI::App& verb = add_verb(app, "eval", "Measure how well an index answers judged queries", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to search").required();
  add_text(verb, "--queries", request->queries, "FILE", "queries, JSON lines with _id, text").required();
  add_text(verb, "--qrels", request->judgements, "FILE", "judgements: query id, document id, score; tab-separated")
      .required();
  add_choice(verb, "--mode", request->mode, {"words", "vector", "mixed"}, "what ranks");
  add_text(verb, "--rank", request->rank, "EXPR", "what hits are ranked by, as for search").default_text("by the mode");
  add_number(verb, "--rel-min", request->options.rel_min, "the smallest score that counts as relevant");
  add_threads(verb, request->options.threads);
  add_flag(verb, "--json", request->json, "one JSON object");
  add_allow_programs(verb, request->options.allow_programs);
  set_action(verb, action, [request](Output& out) { return run_eval(*request, out); });
}

}  // namespace vecterm::cli
