// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/train/train_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/errors.h"
#include "index/cli/options.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

/// Heading of options that only learning from pairs has.
constexpr const char* kOfPairs = "Learning from pairs";
/// And of those that only learning without pairs has.
constexpr const char* kOfTexts = "Learning from texts alone";

void add_input(CLI::App& verb, TrainRequest& request) {
  TrainingFiles& files = request.files;
  add_text(verb, "-o,--output", request.output, "DICT", "dictionary file to write").required();
  add_texts(verb, "--pairs", files.pairs, "FILE", "engagement: task, query text, item id; tab-separated");
  add_texts(verb, "--text-pairs", files.text_pairs, "FILE", "engagement: task, query text, text");
  add_texts(verb, "--item-pairs", files.item_pairs, "FILE", "engagement: task, item id, item id");
  add_texts(verb, "--corpus", files.corpora, "FILE", "items, JSON lines with _id, title, text");
  add_choice(verb, "--method", request.method, {"lsa", "pairs", "both"}, "what words are learned by")
      .default_text("pairs where there are any, else lsa");
  add_flag(verb, "--own-pairs", files.own_pairs, "make pairs of the texts, too: titles and passages lead to the rest");
  add_fields(verb, files.fields);
  add_text(verb, "--entity-vectors", files.entity_vectors, "FILE",
           "fixed vectors of items, word2vec format with ids for words: words learn to find them");
  add_text(verb, "--scratch", files.scratch, "DIR", "for temporary files; the system's where it is missing");
}

void add_validation(CLI::App& verb, TrainRequest& request) {
  add_texts(verb, "--validation-pairs", request.files.validation_pairs, "FILE", "as --pairs, to judge epochs by");
  add_texts(verb, "--validation-text-pairs", request.files.validation_text_pairs, "FILE", "as --text-pairs");
  add_number(verb, "--validation", request.validation_share, "share of items held out to judge epochs by");
  add_number(verb, "--patience", request.training.patience, "stop after N epochs that are no better; 0 = never");
  add_number(verb, "--autotune", request.autotune_seconds, "seconds to look for better options by the validation");
}

void add_objective(CLI::App& verb, TrainingOptions& training) {
  const auto objective = [&training](const std::vector<std::string>& values) {
    const std::string& name = values.back();
    if (name != "hinge" && name != "softmax")
      refuse(fmt::format("--objective must be hinge or softmax; was \"{}\"", name));
    training.objective = name == "hinge" ? Objective::kHinge : Objective::kSoftmax;
  };
  add_option(verb, "--objective", objective, "hinge|softmax", "loss: hinge as in PinText, softmax as in OmniSearchSage")
      .default_text(training.objective == Objective::kHinge ? "hinge" : "softmax");
  add_number(verb, "--margin", training.margin, "of the hinge, on cosines");
  add_number(verb, "--temperature", training.temperature, "of the softmax");
  add_flag(verb, "--log-q", training.log_q, "correct the softmax for how often items come up");
  add_number(verb, "--negatives", training.negatives, "random items a batch is compared with");
  add_flag(verb, "--in-batch", training.in_batch, "compare with the other items of the batch too");
}

/// TASK=N, any number of them.
void add_mixing(CLI::App& verb, const std::string& name, TrainingOptions& training, double TaskOptions::*number,
                const std::string& description) {
  const auto take = [&training, number, name](const std::vector<std::string>& values) {
    for (const std::string& text : values) {
      const std::size_t equals = text.rfind('=');
      if (equals == std::string::npos || equals == 0) refuse(fmt::format("{} must be TASK=N; was \"{}\"", name, text));
      const double value = parse_number(name, text.substr(equals + 1), 1000.0);
      const std::string task = text.substr(0, equals);
      auto found = std::ranges::find(training.tasks, task, &TaskOptions::name);
      if (found == training.tasks.end()) found = training.tasks.insert(found, TaskOptions{task});
      (*found).*number = value;
    }
  };
  add_option(verb, name, take, "TASK=N", description).many();
}

void add_training(CLI::App& verb, TrainRequest& request) {
  TrainingOptions& training = request.training;
  const auto dimensions = [&request](const std::vector<std::string>& values) {
    request.dimensions = parse_number("--dim", values.back(), std::numeric_limits<std::uint32_t>::max());
  };
  add_option(verb, "--dim", dimensions, "N", "dimensions of the vectors")
      .default_text(fmt::format("{}; {} by lsa; both together; or as OLD", training.dimensions,
                                LatentSemanticsOptions().dimensions));
  add_numbers(verb, "--nested", training.nested, "first dimensions that are learned as vectors of their own");
  add_number(verb, "--epochs", training.epochs, "passes over all pairs");
  add_number(verb, "--lr", training.learning_rate, "learning rate of the first step");
  add_objective(verb, training);
  add_number(verb, "--batch", training.batch, "pairs in a step");
  add_number(verb, "--dropout", training.dropout, "share of the words that a step leaves out at random");
  add_number(verb, "--max-norm", training.max_norm, "longest vector of a word");
  add_number(verb, "--min-count", training.min_count, "words that occur less often are left out");
  const auto sif = [&training](const std::vector<std::string>& values) {
    const std::string& text = values.back();
    training.sif.reset();
    if (text != "none") training.sif = parse_number("--sif", text, 1.0);
  };
  add_option(verb, "--sif", sif, "N", "a of the word weights a/(a + frequency); none = all weights are 1")
      .default_text(training.sif ? fmt::format("{}", *training.sif) : "none");
  add_number(verb, "--pairs-per-item", training.pairs_per_item, "most pairs learned of an item a task; 0 = all");
  add_mixing(verb, "--ratio", training, &TaskOptions::ratio, "passes over a task's pairs in an epoch; 0 leaves it out");
  add_mixing(verb, "--weight", training, &TaskOptions::weight, "what a task's pairs count");
  add_threads(verb, training.threads, "0 = all cores; the result is the same for every number");
  add_number(verb, "--seed", training.seed, "of all random choices");
  add_text(verb, "--stemmer", request.stemmer, "LANG", "words with the same stem have one vector; none = each its own")
      .default_text(request.stemmer);
}

/// @throws InvalidArgument for options of a way to learn that is not gone
void check_given(const CLI::App& verb, const char* heading, const char* learned, const char* advice) {
  if (const auto given = given_under(verb, heading); !given.empty())
    throw InvalidArgument(
        fmt::format("{} is for learning from {}: {}, or leave it out", given.front(), learned, advice));
}

/// @throws InvalidArgument
void check_method(const CLI::App& verb, const TrainRequest& request) {
  const bool pairs = request.learns_from_pairs(), texts = request.learns_from_texts();
  if (request.files.corpora.empty() && (texts || request.files.own_pairs))
    throw InvalidArgument(
        "there is nothing to learn from: give texts with --corpus, or pairs with --pairs, --text-pairs or "
        "--item-pairs");
  if (pairs && !request.has_pairs())
    throw InvalidArgument(
        fmt::format("--method {} learns from pairs, and there are none: give --pairs, --text-pairs or "
                    "--item-pairs, or --own-pairs, which makes them of the texts",
                    request.method));
  if (!pairs && request.has_pairs())
    throw InvalidArgument(
        "--method lsa learns from texts alone, and there are pairs: --method both learns from them, too");
  if (!pairs) check_given(verb, kOfPairs, "pairs", "give --pairs, --text-pairs or --item-pairs");
  if (!texts) check_given(verb, kOfTexts, "texts alone", "give --method both");
  if (texts && pairs && request.training.hash_rows > 0)
    throw InvalidArgument("--hash-rows: in a dictionary of both methods each word has a vector of its own");
  if (texts && pairs && !request.old.empty())
    throw InvalidArgument("--update goes on from what one method learned; --method both starts anew");
  if (texts) latent_semantics_options(request).check();
}

void add_ngrams(CLI::App& verb, TrainRequest& request) {
  TrainingOptions& training = request.training;
  const Option ngrams = add_flag(verb, "--ngrams", request.ngrams,
                                 "learn bigrams of words and trigrams of characters, too (default, but as OLD)");
  add_flag(verb, "--no-ngrams", request.words_only, "learn words alone").excludes(ngrams);
  add_number(verb, "--ngram-min-count", training.ngram_min_count, "as --min-count, of bigrams and trigrams");
  add_number(verb, "--max-words", training.max_words, "most words, the most frequent ones");
  add_number(verb, "--max-bigrams", training.max_bigrams, "most bigrams");
  add_number(verb, "--max-trigrams", training.max_trigrams, "most trigrams");
  add_number(verb, "--hash-rows", training.hash_rows,
             "vectors that words and n-grams mix theirs of; 0 = each has its own, or as OLD");
}

void add_update(CLI::App& verb, TrainRequest& request) {
  DictionaryUpdate& update = request.training.update;
  const Option old = add_text(verb, "--update", request.old, "OLD", "dictionary to go on from, keeping its hash space");
  add_number(verb, "--anchor", update.anchor, "how strongly words are pulled to their old vectors; 0 = not at all")
      .needs(old);
  add_number(verb, "--epsilon", update.epsilon, "vectors that moved at most so far stay as they were").needs(old);
  add_flag(verb, "--new-weights", request.new_weights, "weight all words by their frequency now").needs(old);
  add_flag(verb, "--new-hash-space", request.new_hash_space, "learn another one from the corpus").needs(old);
}

/// An update keeps what a dictionary has vectors of.
void take_form(const Dictionary& old, TrainRequest& request) {
  TrainingOptions& training = request.training;
  if (old.ngrams().pieces)
    throw InvalidArgument(
        fmt::format("--update: {} has the words of a public model, which are sums of its pieces and are "
                    "not learned further; train without --update",
                    request.old));
  if (request.words_only && old.ngrams().any())
    throw InvalidArgument(fmt::format(
        "--no-ngrams: {} has n-grams, and an update keeps what it learns; train without --update", request.old));
  if (request.ngrams && !old.ngrams().any())
    throw InvalidArgument(fmt::format(
        "--ngrams: {} has words only, and an update learns nothing else; train without --update", request.old));
  training.bigrams = old.ngrams().bigrams;
  training.trigrams = old.ngrams().trigrams;
  if (training.hash_rows == 0) training.hash_rows = static_cast<std::uint32_t>(old.components());
}

/// How many of the vectors' numbers are learned from pairs, and how many from the texts alone.
void choose_dimensions(TrainRequest& request) {
  std::uint32_t& of_pairs = request.training.dimensions;
  std::uint32_t& of_texts = request.text_dimensions;
  of_texts = request.old.empty() ? LatentSemanticsOptions().dimensions : of_pairs;
  if (!request.dimensions) return;
  const bool both = request.learns_from_pairs() && request.learns_from_texts();
  of_pairs = both ? *request.dimensions / 3 : *request.dimensions;
  of_texts = both ? *request.dimensions - of_pairs : *request.dimensions;
}

void check_seconds(const char* option, double seconds) {
  if (!(seconds >= 0 && std::isfinite(seconds)))
    throw InvalidArgument(fmt::format("{} must be a number of seconds, at least 0; was {}", option, seconds));
}

/// The dictionary may take the place of the one that it updates; no other file that is read may be written.
void check_outputs(const TrainRequest& request) {
  const TrainingFiles& files = request.files;
  std::vector<std::string> inputs{files.entity_vectors};
  for (const auto& paths : {files.corpora, files.pairs, files.text_pairs, files.item_pairs, files.validation_pairs,
                            files.validation_text_pairs})
    inputs.insert(inputs.end(), paths.begin(), paths.end());
  check_output_path(request.output, inputs);
  inputs.insert(inputs.end(), {request.output, request.old});
  if (!request.plot.empty()) check_output_path(request.plot, inputs);
  inputs.push_back(request.plot);
  if (!request.run.checkpoint.empty()) check_output_path(request.run.checkpoint, inputs);
}

}  // namespace

void add_train_options(CLI::App& verb, TrainRequest& request) {
  add_input(verb, request);
  add_training(verb, request);
  add_ngrams(verb, request);
  add_update(verb, request);
  add_validation(verb, request);
  add_flag(verb, "--no-sketch", request.no_sketch, "do not note in DICT which queries and items it is learned from");
  add_text(verb, "--checkpoint", request.run.checkpoint, "FILE",
           "kept until the end; an interrupted run goes on from it");
  add_number(verb, "--checkpoint-seconds", request.run.checkpoint_seconds, "between two checkpoints");
  add_text(verb, "--plot", request.plot, "FILE", "picture of the losses, SVG");
  add_family(verb, request.hash_space.family);
  add_hash_space_options(verb, request.hash_space);
  add_codec(verb, request.codec).default_text("float32, or as OLD");
  set_heading(verb, kOfTexts, {"--stemmer"});
  set_heading(verb, kOfPairs,
              {"--entity-vectors",
               "--nested",
               "--epochs",
               "--lr",
               "--objective",
               "--margin",
               "--temperature",
               "--log-q",
               "--negatives",
               "--in-batch",
               "--batch",
               "--dropout",
               "--max-norm",
               "--sif",
               "--pairs-per-item",
               "--ratio",
               "--weight",
               "--ngrams",
               "--no-ngrams",
               "--ngram-min-count",
               "--max-bigrams",
               "--max-trigrams",
               "--hash-rows",
               "--validation-pairs",
               "--validation-text-pairs",
               "--validation",
               "--patience",
               "--autotune",
               "--no-sketch",
               "--checkpoint",
               "--checkpoint-seconds",
               "--plot"});
}

LatentSemanticsOptions latent_semantics_options(const TrainRequest& request) {
  LatentSemanticsOptions options;
  options.dimensions = request.text_dimensions;
  options.min_count = request.training.min_count;
  options.max_words = request.training.max_words;
  options.update = request.training.update;
  options.threads = request.training.threads;
  options.seed = request.training.seed;
  AnalyzerSettings settings;
  settings.stemmer = request.stemmer;
  settings.check();
  if (request.stemmer != "none")
    options.stem = [stem = settings.stem()](const std::string& word) { return stem(word); };
  return options;
}

void open_old(TrainRequest& request) {
  TrainingOptions& training = request.training;
  training.bigrams = training.trigrams = request.learns_from_pairs() && !request.words_only;
  if (!request.old.empty()) {
    training.update.old = Dictionary::open(request.old);
    check_tokenizer(*training.update.old);
    training.update.keep_weights = !request.new_weights;
    training.dimensions = static_cast<std::uint32_t>(training.update.old->dimensions());
    take_form(*training.update.old, request);
  }
  choose_dimensions(request);
}

void check(const CLI::App& verb, const TrainRequest& request) {
  const TrainingFiles& files = request.files;
  check_method(verb, request);
  if ((!files.pairs.empty() || !files.item_pairs.empty() || !files.validation_pairs.empty()) && files.corpora.empty() &&
      files.entity_vectors.empty())
    throw InvalidArgument("items are named by their id: give the documents with --corpus");
  if (request.validation_share != 0 && !(request.validation_share > 0 && request.validation_share <= 0.5))
    throw InvalidArgument(fmt::format("--validation must be in (0, 0.5]; was {}", request.validation_share));
  check_seconds("--autotune", request.autotune_seconds);
  check_seconds("--checkpoint-seconds", request.run.checkpoint_seconds);
  const bool validated =
      request.validation_share > 0 || !files.validation_pairs.empty() || !files.validation_text_pairs.empty();
  if ((request.training.patience > 0 || request.autotune_seconds > 0) && !validated)
    throw InvalidArgument("--patience and --autotune go by a validation: give --validation 0.05 or a file of pairs");
  HashSpaceOptions standard;
  standard.threads = request.hash_space.threads;
  standard.seed = request.hash_space.seed;
  if (!request.old.empty() && !request.new_hash_space && request.hash_space != standard)
    throw InvalidArgument("--update keeps the hash space: options of another one need --new-hash-space");
  if (request.learns_from_pairs()) request.training.check();
  check_outputs(request);
}

}  // namespace vecterm::cli
