// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "analyzers/base/parallel.h"
#include "analyzers/errors.h"
#include "analyzers/training/hash_space_learner.h"
#include "analyzers/training/judge/entity_vectors.h"
#include "analyzers/training/learn/autotune.h"
#include "index/cli/cli.h"
#include "index/cli/options.h"
#include "index/cli/train/train_request.h"
#include "index/cli/train/training_display.h"
#include "index/pictures/chart.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm train -o words.dict --corpus corpus.jsonl
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl
  vecterm train -o words.dict --pairs clicks.tsv.gz --item-pairs bought.tsv.gz --corpus a.jsonl.gz b.jsonl.gz --dim 128
  vecterm train -o words.dict --text-pairs questions.tsv --validation 0.05 --patience 2 --plot losses.svg
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl --validation 0.05 --autotune 600
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl --no-ngrams
  vecterm train -o words.dict --pairs pairs.tsv --corpus corpus.jsonl --method both
  vecterm train -o words.dict --pairs clicks.tsv --entity-vectors images.vec
  vecterm train -o new.dict --update old.dict --pairs all.tsv --corpus corpus.jsonl --validation-pairs held_out.tsv

Without pairs, words are learned from the texts alone (latent semantic analysis): those that occur among the same words
get like vectors. Seconds for tens of thousands of documents; --update works as with pairs. Pairs say what your users
mean: give them as soon as you have some.

PAIRS has lines "task TAB query text TAB item id", where the item is a document of a corpus; text pairs have lines
"task TAB query text TAB text". The task column may be missing; a fourth column is the pair's weight. The same input,
options and seed give the same bytes, with any number of threads and whether or not the run was interrupted.

From pairs, bigrams of words ("text editor") and trigrams of characters are learned beside words: misspelled and new
words then have the vectors of their trigrams. On Debian's package descriptions found by their synopses, Recall@10 rose
from .842 to .889, with typos from .713 to .823, with 120,000 entries instead of 33,000; learning takes 2 to 5 times as
long and indexing 1.6 times. --no-ngrams leaves them out. --hash-rows N stores N rows, of which every entry mixes two by
weights of its own (hash embeddings): with 50,000 the figures were .879 and .791. An update of a hashed dictionary changes
nearly every document.

--method both puts what was learned from the texts beside what was learned from pairs: better where pairs are few, worse
where they say what no text does; eval-pairs on pairs that were held out tells. --own-pairs makes pairs of the texts:
titles and passages lead to what is left of their documents.

--update goes on from OLD; give it all pairs, old and new. In each step a word's vector v moves back to its old one by
min(1, rate * anchor) * (v - old), rate being the word's own; at the end vectors that moved at most epsilon, and words
that the new pairs lack, are as they were. Hash space, weights of old words and codec stay, so that an index needs to
follow with the documents of changed words only. Where a quarter of the pairs was new, the defaults kept 98 % of the
tokens in cells and 95 % in 16 x 8 hyperplanes; --anchor 0.05 --epsilon 0 learned twice as much and kept 93 % and 80 %.
It is told how many documents change and, where pairs are held out, how good both dictionaries are; OLD must not have
learned from those pairs, or it looks better than it is.)";

/// "812", "12.3k", "3.9M"
std::string rounded(std::uint64_t n) {
  const auto number = static_cast<double>(n);
  if (n < 1000) return fmt::format("{}", n);
  return n < 1000000 ? fmt::format("{:.1f}k", number / 1e3) : fmt::format("{:.1f}M", number / 1e6);
}

TrainingData read(const TrainRequest& request, const Tokenizer& tokenizer, TrainingSummary& summary,
                  TrainingDisplay& display) {
  TrainingData data = read_training_files(request.files, tokenizer, summary, display.function());
  if (request.validation_share > 0) hold_out(data, request.validation_share, request.training.seed);
  const auto validates = [](const TrainingData::Task& task) { return !task.held_out.empty(); };
  if (request.training.patience > 0 && std::ranges::none_of(data.tasks(), validates))
    throw DataError("--patience goes by a validation, and no pair is held out: give more pairs or a larger share");
  return data;
}

void summarise(const TrainingSummary& summary, const TrainingData& data, TrainingDisplay& display) {
  std::string read = fmt::format("read {} words of {} documents", rounded(summary.words), summary.documents);
  if (summary.pairs > 0)
    read +=
        fmt::format(" and of the texts of {} pairs, which have {} words", summary.pairs, rounded(summary.pair_words));
  display.note(read);
  for (const TrainingData::Task& task : data.tasks())
    display.note(fmt::format("task {}: {} pairs{}", task.name, task.pairs.size(),
                             task.held_out.empty() ? "" : fmt::format(", {} held out", task.held_out.size())));
  if (summary.unknown_items > 0)
    display.note(fmt::format("{} pairs left out: their item is in no corpus", summary.unknown_items));
}

/// "30112 words, 91000 bigrams, 23000 trigrams as mixtures of 50000 vectors"
std::string what_was_learned(const DictionaryContents& contents) {
  const std::string entries = entries_of(contents).text();
  if (contents.components.empty()) return entries;
  return fmt::format("{} as mixtures of {} vectors", entries, contents.components.size() / contents.dimensions);
}

void summarise_epochs(const TrainingResult& result) {
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
}

void summarise(const TrainingResult& result) {
  if (!result.epochs.empty()) summarise_epochs(result);
  const DictionaryContents& contents = result.dictionary;
  const HashSpace& space = *contents.hash_space;
  message(fmt::format("learned {} of {} dimensions at {} words/s a thread; hash space {}: {} {}",
                      what_was_learned(contents), contents.dimensions,
                      rounded(static_cast<std::uint64_t>(result.words_per_second)), space.id(), space.rows(),
                      space.row_name()));
}

/// The hash space, and what else training leaves open.
void complete(DictionaryContents& contents, const TrainRequest& request, const TrainingData& data,
              std::size_t documents, TrainingDisplay& display) {
  contents.tokenizer = XapianTokenizer().name();
  if (request.no_sketch) contents.learned_queries = contents.learned_items = {};
  if (!request.codec.empty()) contents.codec = codec_from_name(request.codec);
  if (contents.hash_space && !request.new_hash_space) return;
  contents.hash_space = learn_hash_space(document_vectors(contents, data, documents, request.training.threads),
                                         contents.dimensions, request.hash_space, display.function());
}

/// The options of `train` that autotune may have changed.
std::string command_line(const TrainingOptions& o) {
  const bool hinge = o.objective == Objective::kHinge;
  std::string text =
      fmt::format("--lr {} --epochs {} --objective {} --{} {} --negatives {} --batch {} --dropout {} ", o.learning_rate,
                  o.epochs, hinge ? "hinge" : "softmax", hinge ? "margin" : "temperature",
                  hinge ? o.margin : o.temperature, o.negatives, o.batch, o.dropout);
  text += fmt::format("--max-norm {} --min-count {} --sif {}", o.max_norm, o.min_count,
                      o.sif ? fmt::format("{}", *o.sif) : "none");
  return text + (o.in_batch ? " --in-batch" : "") + (o.log_q && !hinge ? " --log-q" : "");
}

TrainingOptions tuned(const TrainRequest& request, const TrainingData& data, TrainingDisplay& display) {
  std::size_t trials = 0;
  double first = 0;
  const auto tried = [&](const AutotuneTrial& trial) {
    if (trials++ == 0) first = trial.score;
    display.show(trial, trials);
  };
  const auto progress = [&](const TrainingProgress& shown) { display.show(shown); };
  const AutotuneTrial best = autotune(data, request.training, request.autotune_seconds, tried, progress);
  display.note(fmt::format("autotune: {} trials, validation {:.4f} -> {:.4f}: {}", trials, first, best.score,
                           command_line(best.options)));
  return best.options;
}

/// Loss by epoch, one line a task, and how far the validation is from perfect: all better the lower.
LineChart losses_chart(const std::vector<EpochReport>& epochs) {
  LineChart chart;
  chart.title = "Training";
  chart.x_label = "epoch";
  chart.y_label = "loss of each task";
  chart.log_y = true;
  for (const TaskLoss& task : epochs.front().losses) chart.series.push_back({task.task, {}});
  const bool validated = !epochs.front().validation.empty();
  if (validated) {
    chart.y_label += "; 1 - MRR of the validation";
    chart.series.push_back({"validation", {}});
  }
  for (const EpochReport& epoch : epochs) {
    for (std::size_t t = 0; t < epoch.losses.size(); ++t)
      chart.series[t].points.push_back({double(epoch.epoch), std::max(1e-6, epoch.losses[t].loss)});
    if (validated)
      chart.series.back().points.push_back({double(epoch.epoch), std::max(1e-6, 1 - mean_score(epoch.validation))});
  }
  return chart;
}

TrainingResult learn_from_pairs(TrainRequest& request, const TrainingData& data, TrainingDisplay& display) {
  if (data.dimensions() != 0) request.training.dimensions = static_cast<std::uint32_t>(data.dimensions());
  if (request.autotune_seconds > 0) {
    request.training = tuned(request, data, display);
    display.set_epochs(request.training.epochs);
  }
  request.run.progress = [&](const TrainingProgress& progress) { display.show(progress); };
  request.run.epoch = [&](const EpochReport& epoch) { display.show(epoch); };
  TrainingResult result = train(data, request.training, request.run);
  if (!request.plot.empty()) write_line_chart(request.plot, losses_chart(result.epochs));
  return result;
}

/// Of the first `documents` entities.
DictionaryContents learn_from_texts(const TrainRequest& request, const TrainingData& data, std::size_t documents,
                                    TrainingDisplay& display) {
  return learn_latent_semantics(data, documents, latent_semantics_options(request), display.function());
}

TrainingResult learn_from_texts_alone(const TrainRequest& request, const TrainingData& data,
                                      const TrainingSummary& summary, TrainingDisplay& display) {
  display.note(
      "there are no pairs, so words are learned from the texts alone; --pairs FILE, what led to which document, would "
      "add what your users mean by them");
  const auto start = std::chrono::steady_clock::now();
  TrainingResult result;
  result.dictionary = learn_from_texts(request, data, summary.documents, display);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  result.words_per_second = static_cast<double>(summary.words) / seconds.count() /
                            static_cast<double>(resolve_threads(request.training.threads));
  return result;
}

TrainingResult learn(TrainRequest& request, const TrainingData& data, const TrainingSummary& summary,
                     TrainingDisplay& display) {
  if (!request.learns_from_pairs()) return learn_from_texts_alone(request, data, summary, display);
  TrainingResult result = learn_from_pairs(request, data, display);
  if (request.learns_from_texts())
    result.dictionary = side_by_side(result.dictionary, learn_from_texts(request, data, summary.documents, display),
                                     data, summary.documents);
  return result;
}

int run_train(const CLI::App& verb, TrainRequest request) {
  open_old(request);
  check(verb, request);
  const XapianTokenizer tokenizer(request.training.bigrams);
  TrainingSummary summary;
  TrainingResult result;
  std::optional<UpdateReport> update;
  {
    TrainingDisplay display(request.training.epochs);
    const TrainingData data = read(request, tokenizer, summary, display);
    summarise(summary, data, display);
    result = learn(request, data, summary, display);
    display.show(result);
    // Without items the texts of the pairs are the best likeness of documents there is.
    const std::size_t documents = summary.documents > 0 ? summary.documents : data.size();
    complete(result.dictionary, request, data, documents, display);
    write_dictionary(request.output, result.dictionary);
    if (const auto& old = request.training.update.old) {
      update = report_update(old, Dictionary::open(request.output), data, documents, request.training.threads);
      display.show(*update);
    }
  }
  if (!request.run.checkpoint.empty()) std::filesystem::remove(request.run.checkpoint);
  summarise(result);
  if (update) std::ranges::for_each(lines(*update), message);
  message(fmt::format("wrote {}", request.output));
  return kOk;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  const auto request = std::make_shared<TrainRequest>();
  CLI::App& verb =
      add_verb(app, "train", "Learn a dictionary of word vectors from texts, or from engagement pairs", kFooter);
  add_train_options(verb, *request);
  set_action(verb, action, [request, &verb](Output&) {
    request->files.threads = request->hash_space.threads = request->training.threads;
    request->hash_space.seed = request->training.seed;
    check_hash_space_options(request->hash_space);
    return run_train(verb, *request);
  });
}

}  // namespace vecterm::cli
