// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>

#include "analyzers/errors.h"
#include "cli.h"
#include "options.h"
#include "plugin/xapian_tokenizer.h"
#include "train_request.h"
#include "training_display.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl
  vecterm train -o words.dict --pairs clicks.tsv.gz --item-pairs bought.tsv.gz --corpus a.jsonl.gz b.jsonl.gz --dim 128
  vecterm train -o words.dict --text-pairs questions.tsv --validation 0.05 --patience 2 --plot losses.svg
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl --validation 0.05 --autotune 600
  vecterm train -o words.dict --pairs clicks.tsv --entity-vectors images.vec

PAIRS has lines "task TAB query text TAB item id", where the item is a document of a corpus; text pairs have lines
"task TAB query text TAB text". The task column may be missing; a fourth column is the pair's weight. The same input,
options and seed give the same bytes, with any number of threads and whether or not the run was interrupted.)";

std::string millions(std::uint64_t n) { return fmt::format("{:.1f}M", static_cast<double>(n) / 1e6); }

TrainingData read(const TrainRequest& request, const Tokenizer& tokenizer, TrainingSummary& summary,
                  TrainingDisplay& display) {
  TrainingData data = read_training_files(request.files, tokenizer, summary, display.function());
  if (request.validation_share > 0) hold_out(data, request.validation_share, request.training.seed);
  return data;
}

void summarise(const TrainingSummary& summary, const TrainingData& data) {
  message(fmt::format("read {} words in {} items and the texts of {} pairs ({} words of them)", millions(summary.words),
                      summary.documents, summary.pairs, millions(summary.pair_words)));
  for (const TrainingData::Task& task : data.tasks())
    message(fmt::format("task {}: {} pairs, {} held out", task.name, task.pairs.size(), task.held_out.size()));
  if (summary.unknown_items > 0)
    message(fmt::format("{} pairs left out: their item is in no corpus", summary.unknown_items));
}

void summarise(const TrainingResult& result) {
  if (result.rollbacks > 0)
    message(fmt::format("the loss got out of hand {} times; the learning rate was halved each time", result.rollbacks));
  const EpochReport& best = result.epochs[result.best_epoch - 1];
  for (const TaskEvaluation& task : best.validation)
    message(fmt::format(
        "validation of {}: Recall@10 {:.3f} of {} items, MRR {:.3f}; queries of an item: MRR {:.3f}; "
        "{:.1f} % of the words known",
        task.task, task.items.recall_10, task.distinct_items, task.items.mrr, task.queries.mrr, 100 * task.coverage));
  if (result.best_epoch < result.epochs.size())
    message(fmt::format("epoch {} of {} was the best and is kept", result.best_epoch, result.epochs.size()));
  const DictionaryContents& contents = result.dictionary;
  const HashSpace& space = *contents.hash_space;
  message(fmt::format("learned {} words of {} dimensions at {:.1f}M words/s a thread; hash space {}: {} {}",
                      contents.words.size(), contents.dimensions, result.words_per_second / 1e6, space.id(),
                      space.rows(), space.family() == "cells" ? "cells" : "hyperplanes"));
}

int run_train(TrainRequest request) {
  check(request);
  const VectorCodec codec = codec_from_name(request.codec);
  const XapianTokenizer tokenizer;
  TrainingSummary summary;
  TrainingResult result;
  {
    TrainingDisplay display(request.training.epochs);
    const TrainingData data = read(request, tokenizer, summary, display);
    summarise(summary, data);
    if (data.dimensions() != 0) request.training.dimensions = static_cast<std::uint32_t>(data.dimensions());
    request.run.progress = [&](const TrainingProgress& progress) { display.show(progress); };
    request.run.epoch = [&](const EpochReport& epoch) { display.show(epoch); };
    result = train(data, request.training, request.run);
    display.show(result);
    result.dictionary.tokenizer = tokenizer.name();
    result.dictionary.codec = codec;
    // Without items the texts of the pairs are the best likeness of documents there is.
    const std::size_t documents = summary.documents > 0 ? summary.documents : data.size();
    const std::vector<float> vectors = document_vectors(result.dictionary, data, documents, request.training.threads);
    result.dictionary.hash_space =
        learn_hash_space(vectors, result.dictionary.dimensions, request.hash_space, display.function());
    write_dictionary(request.output, result.dictionary);
  }
  summarise(result);
  message(fmt::format("wrote {}", request.output));
  return kOk;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  const auto request = std::make_shared<TrainRequest>();
  CLI::App& verb = *app.add_subcommand("train", "Learn a dictionary of word vectors from engagement pairs");
  add_train_options(verb, *request);
  verb.footer(kFooter);
  verb.callback([request, &action] {
    request->files.threads = request->hash_space.threads = request->training.threads;
    request->hash_space.seed = request->training.seed;
    action = [request](Output&) { return run_train(*request); };
  });
}

}  // namespace vecterm::cli
