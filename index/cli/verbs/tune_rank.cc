// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/config.h"
#include "index/index.h"
#include "index/rank_tuner.h"
#include "index/writing/metadata_update.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm tune-rank docs.db --queries queries.jsonl --qrels qrels.tsv
  vecterm tune-rank docs.db --queries queries.jsonl --qrels qrels.tsv --profile recent --dry-run --json
  vecterm tune-rank docs.db --queries queries.jsonl --qrels qrels.tsv --export features.txt

Fits the parameters of a profile to judged queries and stores it with the index, where it raises nDCG@10 on queries that
it was not fitted on: each fold is measured with what was fitted on the others. Candidates are the best by words and the
nearest by cosine. --export writes their features in the format of SVMlight and LETOR, for other learners.)";

struct TuneRankRequest {
  std::string database;
  std::string profile = "default";
  std::string features;
  RankTuneOptions options;
  bool dry_run = false;
  bool json = false;
};

std::string parameters_of(const RankingProfile& profile) {
  std::string text;
  for (const auto& [name, value] : profile.parameters)
    text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ", name, value);
  return text;
}

Json json(const RankingProfile& profile) {
  Json parameters;
  for (const auto& [name, value] : profile.parameters) parameters.set(name, value);
  return parameters;
}

std::vector<Metrics> of_fold(const std::vector<Metrics>& all, const RankTuning& tuning, std::size_t fold) {
  std::vector<Metrics> chosen;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (tuning.fold[i] == fold) chosen.push_back(all[i]);
  return chosen;
}

void print_table(const TuneRankRequest& request, const RankTuning& tuning, Output& out) {
  out.line(fmt::format("{:>8}  {:>7}  {:>14}  {:>14}  fitted without it", "held out", "queries", "nDCG@10 before",
                       "nDCG@10 after"));
  for (std::size_t fold = 0; fold < tuning.of_fold.size(); ++fold) {
    const Metrics before = mean(of_fold(tuning.before, tuning, fold));
    const Metrics after = mean(of_fold(tuning.after, tuning, fold));
    out.line(fmt::format("{:>8}  {:>7}  {:>14.4f}  {:>14.4f}  {}", fmt::format("fold {}", fold + 1), before.queries,
                         before.ndcg_10, after.ndcg_10, parameters_of(tuning.of_fold[fold])));
  }
  const Metrics before = mean(tuning.before);
  const Metrics after = mean(tuning.after);
  out.line(fmt::format("{:>8}  {:>7}  {:>14.4f}  {:>14.4f}", "all", before.queries, before.ndcg_10, after.ndcg_10));
  out.line(fmt::format("{:>8}  {:>7}  {:>14.4f}  {:>14.4f}  Recall@100", "", "", before.recall_100, after.recall_100));
  out.line(fmt::format("{}: {} (was {})", request.profile, parameters_of(tuning.fitted),
                       parameters_of(request.options.start)));
}

void print_json(const TuneRankRequest& request, const RankTuning& tuning, bool stored, Output& out) {
  std::vector<Json> folds;
  for (std::size_t fold = 0; fold < tuning.of_fold.size(); ++fold) {
    const Metrics before = mean(of_fold(tuning.before, tuning, fold));
    folds.push_back({{"queries", before.queries},
                     {"before", before.ndcg_10},
                     {"after", mean(of_fold(tuning.after, tuning, fold)).ndcg_10},
                     {"parameters", json(tuning.of_fold[fold])}});
  }
  const Metrics before = mean(tuning.before);
  const Metrics after = mean(tuning.after);
  out.json(Json{{"profile", request.profile},
                {"queries", before.queries},
                {"ndcg@10_before", before.ndcg_10},
                {"ndcg@10_after", after.ndcg_10},
                {"recall@100_before", before.recall_100},
                {"recall@100_after", after.recall_100},
                {"parameters_before", json(request.options.start)},
                {"parameters", json(tuning.fitted)},
                {"folds", folds},
                {"stored", stored}});
}

RankingProfile stored_profile(const TuneRankRequest& request) {
  const RankingProfiles profiles =
      read_profiles(Index(request.database, {.dictionaries = request.options.dictionaries}).database());
  if (const auto found = profiles.find(request.profile); found != profiles.end()) return found->second;
  if (request.profile == "default") return default_profile();
  throw InvalidArgument(fmt::format("there is no profile \"{}\" in {}; see 'vecterm profiles {}'", request.profile,
                                    request.database, request.database));
}

int run_tune_rank(TuneRankRequest request, Output& out) {
  request.options.dictionaries = dictionary_directories();
  request.options.start = stored_profile(request);
  if (!request.features.empty()) {
    check_output_path(request.features, {request.options.queries, request.options.judgements});
    ProgressBar bar;
    export_features(request.database, request.options, request.features, bar.function());
  }
  RankTuning tuning;
  {
    ProgressBar bar;
    tuning = tune_rank(request.database, request.options, bar.function());
  }
  const bool better = mean(tuning.after).ndcg_10 > mean(tuning.before).ndcg_10;
  const bool stored = better && !request.dry_run;
  if (stored) store_profiles(request.database, {{request.profile, tuning.fitted}}, {}, request.options.dictionaries);
  request.json ? print_json(request, tuning, stored, out) : print_table(request, tuning, out);
  if (stored)
    message(fmt::format("stored in {}; searches that use the profile see it when they open the index again",
                        request.database));
  else
    message(better ? "nothing was stored" : "nothing was stored: held-out queries are no better off");
  return kOk;
}

}  // namespace

void add_tune_rank(CLI::App& app, Action& action) {
  const auto request = std::make_shared<TuneRankRequest>();
  RankTuneOptions& options = request->options;
  CLI::App& verb = add_verb(app, "tune-rank", "Fit a ranking profile to judged queries, and store it", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to tune").required();
  add_text(verb, "--queries", options.queries, "FILE", "queries, JSON lines with _id, text").required();
  add_text(verb, "--qrels", options.judgements, "FILE", "judgements: query id, document id, score; tab-separated")
      .required();
  add_text(verb, "--profile", request->profile, "NAME", "whose parameters are fitted");
  add_number(verb, "--rel-min", options.rel_min, "the smallest score that counts as relevant");
  add_number(verb, "--folds", options.folds, "of the cross-validation");
  add_number(verb, "--candidates", options.a_side, "by words, and by cosine, that the fit looks at");
  add_text(verb, "--export", request->features, "FILE", "features of the candidates, in the format of SVMlight");
  add_flag(verb, "--dry-run", request->dry_run, "store nothing");
  add_threads(verb, options.threads);
  add_flag(verb, "--json", request->json, "one JSON object");
  set_action(verb, action, [request](Output& out) { return run_tune_rank(*request, out); });
}

}  // namespace vecterm::cli
