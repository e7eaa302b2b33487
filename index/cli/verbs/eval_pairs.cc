// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/dictionary.h"
#include "analyzers/errors.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/progress_bar.h"
#include "index/feeding/training_input.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm eval-pairs words.dict --text-pairs held_out.tsv
  vecterm eval-pairs words.dict --pairs held_out.tsv --corpus corpus.jsonl --json
  vecterm eval-pairs words.dict --text-pairs held_out.tsv --codec sign

Lines are those of 'vecterm train'. Each query is compared with all distinct items of the file's pairs of its task, and
each item with all distinct queries. The rank of what belongs together is 1 + the number of strictly greater cosines;
Recall@k is the mean over the queries, MRR that of 1/rank of the best. Use pairs that were not learned from.

--codec says what an index loses that stores its vectors so: what is found is rounded, what looks for it is not.)";

struct EvalPairsRequest {
  std::string dictionary;
  TrainingFiles files;
  std::string codec = "float32";
  bool json = false;
};

Json metrics_json(const RetrievalMetrics& metrics) {
  return {{"recall@1", metrics.recall_1},
          {"recall@10", metrics.recall_10},
          {"recall@100", metrics.recall_100},
          {"mrr", metrics.mrr}};
}

void print(const TaskEvaluation& task, std::optional<double> learned, const EvalPairsRequest& request, Output& out) {
  if (request.json) {
    out.json(Json{{"task", task.task},
                  {"codec", request.codec},
                  {"items", metrics_json(task.items)},
                  {"queries", metrics_json(task.queries)},
                  {"distinct_items", task.distinct_items},
                  {"distinct_queries", task.distinct_queries},
                  {"coverage", task.coverage},
                  {"learned_queries", learned ? Json(*learned) : Json(nullptr)}});
    return;
  }
  const auto figures = [](const RetrievalMetrics& metrics, std::size_t among) {
    return fmt::format("Recall@1 {:.4f}  @10 {:.4f}  @100 {:.4f}  MRR {:.4f}  among {}", metrics.recall_1,
                       metrics.recall_10, metrics.recall_100, metrics.mrr, among);
  };
  out.line("task " + task.task);
  out.table({{"  items of a query", figures(task.items, task.distinct_items)},
             {"  queries of an item", figures(task.queries, task.distinct_queries)},
             {"  words known", fmt::format("{:.1f} %", 100 * task.coverage)}});
}

/// The share of the pairs' distinct queries that a dictionary was learned from.
std::optional<double> learned_share(const Dictionary& dictionary, const TrainingData& data) {
  std::vector<std::uint64_t> hashes;
  for (const TrainingData::Task& task : data.tasks())
    for (const EntityPair& pair : task.held_out) hashes.push_back(data.text_hash(pair.query));
  std::ranges::sort(hashes);
  const auto repeated = std::ranges::unique(hashes);
  hashes.erase(repeated.begin(), repeated.end());
  return dictionary.learned_queries().share(hashes);
}

int run_eval_pairs(const EvalPairsRequest& request, Output& out) {
  if (request.files.validation_pairs.empty() && request.files.validation_text_pairs.empty())
    throw InvalidArgument("there is nothing to evaluate: give --pairs or --text-pairs");
  const Embedder embedder(Dictionary::open(request.dictionary));
  check_tokenizer(embedder.dictionary());
  std::vector<TaskEvaluation> tasks;
  std::optional<double> learned;
  {
    ProgressBar bar;
    TrainingSummary summary;
    const XapianTokenizer tokenizer(embedder.dictionary().ngrams().bigrams);
    const TrainingData data = read_training_files(request.files, tokenizer, summary, bar.function());
    learned = learned_share(embedder.dictionary(), data);
    tasks = evaluate_tasks(data, entity_vectors(embedder, data), request.files.threads, codec_from_name(request.codec));
  }
  if (tasks.empty()) throw DataError("no pair is usable: the files are empty");
  for (const TaskEvaluation& task : tasks) print(task, learned, request, out);
  warn_of_learned(learned);
  return kOk;
}

}  // namespace

void add_eval_pairs(CLI::App& app, Action& action) {
  const auto request = std::make_shared<EvalPairsRequest>();
  CLI::App& verb = add_verb(app, "eval-pairs", "Measure how well a dictionary finds the items of pairs", kFooter);
  add_text(verb, "DICT", request->dictionary, "FILE", "dictionary file").required();
  add_texts(verb, "--pairs", request->files.validation_pairs, "FILE", "task, query text, item id; tab-separated");
  add_texts(verb, "--text-pairs", request->files.validation_text_pairs, "FILE", "task, query text, text");
  add_texts(verb, "--corpus", request->files.corpora, "FILE", "items, JSON lines with _id, title, text");
  add_fields(verb, request->files.fields);
  add_text(verb, "--entity-vectors", request->files.entity_vectors, "FILE", "fixed vectors of items, as for train");
  add_choice(verb, "--codec", request->codec, codec_names(), "how vectors would be stored");
  add_threads(verb, request->files.threads);
  add_flag(verb, "--json", request->json, "one JSON object a task");
  set_action(verb, action, [request](Output& out) { return run_eval_pairs(*request, out); });
}

}  // namespace vecterm::cli
