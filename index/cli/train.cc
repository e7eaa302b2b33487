// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <memory>
#include <span>

#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/trainer.h"
#include "cli.h"
#include "index/training_input.h"
#include "options.h"
#include "plugin/xapian_tokenizer.h"
#include "progress_bar.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl
  vecterm train -o words.dict --pairs clicks.tsv.gz likes.tsv.gz --corpus a.jsonl.gz b.jsonl.gz --dim 128 --epochs 20
  vecterm train -o words.dict --text-pairs questions.tsv --family hyperplane --tables 16 --bits 12

PAIRS has lines "task TAB query text TAB item id", where the item is a document of a corpus; text pairs have lines
"task TAB query text TAB text". The task column may be missing. The same input, options and seed give the same bytes.)";

struct TrainRequest {
  std::string output;
  TrainingFiles files;
  TrainingOptions training;
  HashSpaceOptions hash_space;
  std::string codec = "float32";
};

void check(const TrainRequest& request) {
  if (request.files.pairs.empty() && request.files.text_pairs.empty())
    throw InvalidArgument("there is nothing to learn from: give --pairs, --text-pairs or both");
  if (!request.files.pairs.empty() && request.files.corpora.empty())
    throw InvalidArgument("--pairs names items by their id: give the documents with --corpus");
  check_output_path(request.output);
}

void summarise(const TrainingSummary& summary, const TrainingData& data, const DictionaryContents& contents) {
  message(
      fmt::format("read {} documents, {} running words, {} pairs", summary.documents, summary.words, summary.pairs));
  for (const TrainingData::Task& task : data.tasks)
    message(fmt::format("task {}: {} pairs", task.name, task.pairs.size()));
  if (summary.unknown_items > 0)
    message(fmt::format("{} pairs left out: their item is in no corpus", summary.unknown_items));
  const HashSpace& space = *contents.hash_space;
  message(fmt::format("learned {} words of {} dimensions; hash space {}: {} {}", contents.words.size(),
                      contents.dimensions, space.id(), space.rows(),
                      space.family() == "cells" ? "cells" : "hyperplanes"));
}

int run_train(const TrainRequest& request) {
  check(request);
  const VectorCodec codec = codec_from_name(request.codec);
  TrainingSummary summary;
  TrainingData data;
  DictionaryContents contents;
  {
    ProgressBar bar;
    const XapianTokenizer tokenizer;
    data = read_training_files(request.files, tokenizer, summary, bar.function());
    contents = train(data, request.training, bar.function());
    contents.tokenizer = tokenizer.name();
    contents.codec = codec;
    std::span<const TermList> documents = data.items;
    // Without a corpus the texts of the pairs are the best likeness of documents there is.
    if (!request.files.corpora.empty()) documents = documents.first(summary.documents);
    const std::vector<float> vectors = document_vectors(contents, documents, request.files.threads);
    contents.hash_space = learn_hash_space(vectors, contents.dimensions, request.hash_space, bar.function());
    write_dictionary(request.output, contents);
  }
  summarise(summary, data, contents);
  message(fmt::format("wrote {}", request.output));
  return kOk;
}

void add_input(CLI::App& verb, TrainRequest& request) {
  add_text(verb, "-o,--output", request.output, "DICT", "dictionary file to write")->required();
  add_texts(verb, "--pairs", request.files.pairs, "FILE", "engagement: task, query text, item id; tab-separated");
  add_texts(verb, "--text-pairs", request.files.text_pairs, "FILE", "engagement: task, query text, text");
  add_texts(verb, "--corpus", request.files.corpora, "FILE", "documents, JSON lines with _id, title, text");
  add_fields(verb, request.files.fields);
}

void add_training(CLI::App& verb, TrainingOptions& training) {
  add_number(verb, "--dim", training.dimensions, "dimensions of the vectors");
  add_number(verb, "--epochs", training.epochs, "passes over all pairs");
  add_number(verb, "--lr", training.learning_rate, "learning rate of the first step");
  add_number(verb, "--margin", training.margin, "of the hinge loss, on cosines");
  add_number(verb, "--negatives", training.negatives, "random items a batch is compared with");
  add_number(verb, "--batch", training.batch, "pairs in a step");
  add_number(verb, "--min-count", training.min_count, "words that occur less often are left out");
  add_number(verb, "--sif", training.sif, "a of the word weights a/(a + frequency)");
  add_number(verb, "--threads", training.threads, "0 = all cores; the result is the same for every number");
  add_number(verb, "--seed", training.seed, "of all random choices");
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  const auto request = std::make_shared<TrainRequest>();
  CLI::App& verb = *app.add_subcommand("train", "Learn a dictionary of word vectors from engagement pairs");
  add_input(verb, *request);
  add_training(verb, request->training);
  add_choice(verb, "--family", request->hash_space.family, {"cells", "hyperplane"}, "of the LSH tokens");
  add_hash_space_options(verb, request->hash_space);
  add_codec(verb, request->codec);
  verb.footer(kFooter);
  verb.callback([request, &action] {
    request->files.threads = request->hash_space.threads = request->training.threads;
    request->hash_space.seed = request->training.seed;
    action = [request](Output&) { return run_train(*request); };
  });
}

}  // namespace vecterm::cli
