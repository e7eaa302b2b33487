// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analyzers/base/json.h"
#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "analyzers/training/judge/label_evaluation.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm eval-labels words.dict --labels interests.tsv --queries test.tsv
  vecterm eval-labels words.dict --labels interests.tsv --queries test.tsv --labelled train.txt --examples 20
  vecterm eval-labels words.dict --labels classes.tsv --queries all.tsv --one-label --split test -k 1,5 --json

Labels have lines "label TAB text that describes it", queries "text TAB label [label ...]"; a third column may name a
split. Lines of fastText are read too: "__label__x __label__y text". The label with the nearest description is given;
with --labelled the nearest of those texts vote.)";

struct EvalLabelsRequest {
  std::string dictionary;
  std::string labels;
  std::string queries;
  std::string labelled;
  std::string labelled_split;
  LabelledTextFormat format;
  LabelVoteOptions votes;
  std::vector<std::uint32_t> depths{1, 3, 5, 10};
  std::size_t examples = 0;
  bool json = false;
};

struct Run {
  LabelSet labels;
  std::vector<LabelledText> queries;
  std::size_t labelled = 0;
  LabelEvaluation evaluation;
};

Run run(const EvalLabelsRequest& request) {
  Run run;
  const Embedder embedder(Dictionary::open(request.dictionary));
  check_tokenizer(embedder.dictionary());
  const XapianTokenizer tokenizer(embedder.dictionary().ngrams().bigrams);
  run.labels = read_labels(request.labels);
  run.queries = read_labelled_texts(request.queries, run.labels, request.format);
  std::vector<LabelledText> labelled;
  if (!request.labelled.empty())
    labelled = read_labelled_texts(request.labelled, run.labels, {request.format.one_label, request.labelled_split});
  run.labelled = labelled.size();
  const LabelClassifier classifier(embedder, tokenizer, run.labels, labelled, request.votes);
  run.evaluation = evaluate_labels(classifier, embedder, tokenizer, run.queries, request.depths, request.votes.threads);
  return run;
}

std::vector<std::string> names(const LabelSet& labels, std::span<const std::uint32_t> numbers) {
  std::vector<std::string> names;
  for (const std::uint32_t number : numbers) names.push_back(labels.names[number]);
  return names;
}

struct WrongAnswer {
  std::string text;
  std::vector<std::string> expected;
  std::vector<std::string> given;
};

std::vector<WrongAnswer> wrong_ones(const EvalLabelsRequest& request, const Run& run) {
  std::vector<WrongAnswer> wrong;
  for (std::size_t i = 0; i < run.queries.size() && wrong.size() < request.examples; ++i) {
    const auto& best = run.evaluation.best[i];
    if (!is_wrong(run.queries[i], best)) continue;
    const auto given = std::span(best).first(std::min<std::size_t>(3, best.size()));
    wrong.push_back({run.queries[i].text, names(run.labels, run.queries[i].labels), names(run.labels, given)});
  }
  return wrong;
}

void print_json(const EvalLabelsRequest& request, const Run& run, Output& out) {
  const LabelMetrics& metrics = run.evaluation.metrics;
  Json result;
  for (const auto& at : metrics.at) result.set(fmt::format("p@{}", at.k), at.precision);
  for (const auto& at : metrics.at) result.set(fmt::format("r@{}", at.k), at.recall);
  result.set("mrr", metrics.mrr);
  result.set("queries", metrics.queries);
  result.set("without_vector", metrics.without_vector);
  result.set("query_coverage", metrics.query_coverage);
  result.set("label_coverage", metrics.label_coverage);
  result.set("labels", run.labels.size());
  result.set("labelled", run.labelled);
  std::vector<Json> wrong;
  for (const WrongAnswer& answer : wrong_ones(request, run))
    wrong.push_back(Json{{"text", answer.text}, {"expected", answer.expected}, {"given", answer.given}});
  if (request.examples > 0) result.set("wrong", wrong);
  out.json(result);
}

void print_table(const EvalLabelsRequest& request, const Run& run, Output& out) {
  const LabelMetrics& metrics = run.evaluation.metrics;
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& at : metrics.at) rows.emplace_back(fmt::format("P@{}", at.k), fmt::format("{:.4f}", at.precision));
  for (const auto& at : metrics.at) rows.emplace_back(fmt::format("R@{}", at.k), fmt::format("{:.4f}", at.recall));
  rows.emplace_back("MRR", fmt::format("{:.4f}", metrics.mrr));
  rows.emplace_back("queries", fmt::format("{}", metrics.queries));
  rows.emplace_back("  without vector", fmt::format("{}", metrics.without_vector));
  rows.emplace_back("  known words", fmt::format("{:.1f} %", 100 * metrics.query_coverage));
  rows.emplace_back("labels", fmt::format("{}", run.labels.size()));
  rows.emplace_back("  known words", fmt::format("{:.1f} %", 100 * metrics.label_coverage));
  if (run.labelled > 0) rows.emplace_back("labelled texts", fmt::format("{}", run.labelled));
  out.table(rows);
  for (const WrongAnswer& wrong : wrong_ones(request, run)) {
    out.line("");
    out.table({{"text", wrong.text},
               {"  expected", fmt::format("{}", fmt::join(wrong.expected, ", "))},
               {"  given", fmt::format("{}", fmt::join(wrong.given, ", "))}});
  }
}

int run_eval_labels(const EvalLabelsRequest& request, Output& out) {
  if (request.labelled.empty() && !request.labelled_split.empty())
    throw InvalidArgument("--labelled-split is of the file that --labelled names, which is missing");
  const Run result = run(request);
  request.json ? print_json(request, result, out) : print_table(request, result, out);
  return kOk;
}

void add_options(CLI::App& verb, EvalLabelsRequest& request) {
  add_text(verb, "DICT", request.dictionary, "FILE", "dictionary file").required();
  add_text(verb, "--labels", request.labels, "FILE", "label, text that describes it; tab-separated").required();
  add_text(verb, "--queries", request.queries, "FILE", "texts with their right labels").required();
  add_text(verb, "--labelled", request.labelled, "FILE", "other texts with their labels, which vote");
  add_number(verb, "--neighbours", request.votes.neighbours, "nearest labelled texts that vote");
  add_number(verb, "--temperature", request.votes.temperature, "a vote weighs exp(cosine / temperature)");
  add_number(verb, "--description-weight", request.votes.description_weight, "of descriptions beside votes");
  add_flag(verb, "--one-label", request.format.one_label, "one label a text, which may hold spaces");
  add_text(verb, "--split", request.format.split, "NAME", "take the queries with this in the third column");
  add_text(verb, "--labelled-split", request.labelled_split, "NAME", "the same of the labelled texts");
  add_numbers(verb, "-k", request.depths, "how many labels count, for P@k and R@k");
  add_number(verb, "--examples", request.examples, "show so many queries that got a wrong label");
  add_threads(verb, request.votes.threads);
  add_flag(verb, "--json", request.json, "one JSON object");
}

}  // namespace

void add_eval_labels(CLI::App& app, Action& action) {
  const auto request = std::make_shared<EvalLabelsRequest>();
  CLI::App& verb = add_verb(app, "eval-labels", "Measure how well a dictionary tells the labels of texts", kFooter);
  add_options(verb, *request);
  set_action(verb, action, [request](Output& out) { return run_eval_labels(*request, out); });
}

}  // namespace vecterm::cli
