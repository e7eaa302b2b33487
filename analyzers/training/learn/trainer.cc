// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "analyzers/base/checksum.h"
#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "analyzers/training/data/task_pairs.h"
#include "analyzers/training/data/vocabulary.h"
#include "analyzers/training/judge/task_evaluation.h"
#include "analyzers/training/learn/checkpoint.h"
#include "analyzers/training/learn/dictionary_update.h"
#include "analyzers/training/learn/folding.h"
#include "analyzers/training/learn/training_step.h"

namespace vecterm {
namespace {

using Clock = std::chrono::steady_clock;

/// Steps after which a run may be rolled back or saved, where epochs are longer.
constexpr std::uint64_t kPartSteps = 8192;
/// A part that diverges is tried again so often. After that a loss is taken as it is, and one that cannot be computed
/// is an error.
constexpr std::uint32_t kMostRetries = 4;
/// A part has diverged if its loss is above the least of all parts by so much of the first one's.
constexpr double kDiverged = 0.5;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void check(const TrainingData& data, const TrainingOptions& options) {
  options.check();
  if (data.dimensions() != 0 && data.dimensions() != options.dimensions)
    throw InvalidArgument(
        fmt::format("dimensions must be {}, as the fixed vectors have; was {}", data.dimensions(), options.dimensions));
  for (const TaskOptions& task : options.tasks)
    if (std::ranges::find(data.tasks(), task.name, &TrainingData::Task::name) == data.tasks().end())
      throw InvalidArgument(fmt::format("tasks must be among those of the data; there is no \"{}\"", task.name));
  for (const auto& task : data.tasks())
    for (const auto* pairs : {&task.pairs, &task.held_out})
      for (const auto& pair : *pairs)
        if (std::max(pair.query, pair.item) >= data.size() || !(pair.weight >= 0) || !std::isfinite(pair.weight))
          throw InvalidArgument(
              fmt::format("pairs of task \"{}\" must have entities below {} and a weight that is finite and not "
                          "negative; met {} {} {}",
                          task.name, data.size(), pair.query, pair.item, pair.weight));
}

/// What a run has seen since it last told its progress.
class Report {
 public:
  Report(const TrainingRun& run, std::size_t threads, std::size_t tasks) : run_(run), threads_(threads) {
    clear(tasks);
  }

  void add(std::size_t task, double loss, std::size_t pairs) {
    losses_[task] += loss;
    pairs_[task] += pairs;
  }

  bool due(double done) const { return run_.progress && (seconds_since(last_) >= kInterval || done >= 1); }

  void tell(double done, std::uint32_t epoch, double rate, std::uint64_t words, const std::vector<TaskPairs>& tasks) {
    TrainingProgress progress;
    progress.done = done;
    progress.epoch = epoch;
    progress.rate = rate;
    progress.words_per_second =
        static_cast<double>(words - words_) / std::max(seconds_since(last_), 1e-9) / static_cast<double>(threads_);
    if (first_done_ < 0) first_done_ = done;
    if (done > first_done_) progress.seconds_left = seconds_since(start_) * (1 - done) / (done - first_done_);
    for (std::size_t t = 0; t < tasks.size(); ++t)
      if (pairs_[t] > 0) progress.losses.push_back({tasks[t].name(), losses_[t] / static_cast<double>(pairs_[t])});
    run_.progress(progress);
    clear(tasks.size());
    words_ = words;
  }

 private:
  static constexpr double kInterval = 0.3;

  void clear(std::size_t tasks) {
    losses_.assign(tasks, 0);
    pairs_.assign(tasks, 0);
    last_ = Clock::now();
  }

  const TrainingRun& run_;
  std::size_t threads_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  double first_done_ = -1;
  std::uint64_t words_ = 0;
  std::vector<double> losses_;
  std::vector<std::uint64_t> pairs_;
};

/// The rows before a part of the run, in a file: only a part that diverges needs them.
struct SavedWords {
  explicit SavedWords(const std::string& scratch)
      : rows(scratch), squares(scratch), mixing(scratch), mixing_squares(scratch) {}

  void save(const WordRows::State& state) {
    copy(state.rows, rows);
    copy(state.squares, squares);
    copy(state.mixing, mixing);
    copy(state.mixing_squares, mixing_squares);
  }
  void restore(WordRows::State& state) const {
    std::copy(rows.begin(), rows.end(), state.rows.begin());
    std::copy(squares.begin(), squares.end(), state.squares.begin());
    std::copy(mixing.begin(), mixing.end(), state.mixing.begin());
    std::copy(mixing_squares.begin(), mixing_squares.end(), state.mixing_squares.begin());
  }
  static void copy(const auto& from, auto& to) {
    to.resize(from.size());
    std::ranges::copy(from, to.begin());
  }

  FileArray<float> rows;
  FileArray<double> squares;
  FileArray<float> mixing;
  FileArray<double> mixing_squares;
};

class Trainer {
 public:
  Trainer(const TrainingData& data, const TrainingOptions& options, const TrainingRun& run)
      : data_(data),
        options_(options),
        run_(run),
        vocabulary_(data, options),
        bags_(data, vocabulary_),
        rows_(vocabulary_, options, Random(options.seed, 0)),
        threads_(options.threads),
        step_(options_, data, bags_, rows_, threads_) {
    if (options_.update.old) {
      old_ = unfolded(*options_.update.old, data.scratch());
      rows_.anchor(old_, vocabulary_.old_rows, options_.update.anchor);
    }
    for (const auto& task : data.tasks()) add_task(task);
    if (tasks_.empty()) throw DataError("no training pair has known words on both sides");
    start_epoch();
  }

  TrainingResult train() {
    TrainingResult result;
    if (!run_.checkpoint.empty()) result.resumed = resume();
    Report report(run_, threads_.size(), tasks_.size());
    SavedWords saved(data_.scratch());
    while (state_.epoch < options_.epochs && !out_of_patience()) {
      if (plan_epoch_ != state_.epoch) start_epoch();
      saved.save(rows_.state());
      if (run_part(report)) {
        end_part();
      } else {
        saved.restore(rows_.state());
        roll_back();
      }
    }
    result.dictionary = dictionary();
    result.best_epoch = state_.best_epoch == 0 ? state_.epoch : state_.best_epoch;
    result.rollbacks = state_.rollbacks;
    result.epochs = std::move(state_.epochs);
    if (seconds_ > 0)
      result.words_per_second = static_cast<double>(words_) / seconds_ / static_cast<double>(threads_.size());
    return result;
  }

 private:
  void add_task(const TrainingData::Task& task) {
    const TaskOptions mixing = options_.task(task.name);
    if (!(mixing.ratio > 0)) return;
    const auto usable = [&](std::uint32_t entity) { return !bags_[entity].empty() || !data_.vector(entity).empty(); };
    TaskPairs pairs(data_, task, usable, options_.pairs_per_item, options_.seed);
    if (pairs.size() == 0) return;
    tasks_.push_back(std::move(pairs));
    mixing_.push_back(mixing);
  }

  void start_epoch() {
    std::vector<std::size_t> sizes;
    std::vector<double> ratios;
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      sizes.push_back(tasks_[t].size());
      ratios.push_back(mixing_[t].ratio);
    }
    plan_ = plan_epoch(sizes, ratios, options_.batch, state_.epoch);
    plan_epoch_ = state_.epoch;
    state_.losses.resize(tasks_.size());
    state_.pairs.resize(tasks_.size());
  }

  double done() const {
    const auto steps = static_cast<double>(plan_.size());
    return (state_.epoch + static_cast<double>(state_.step) / steps) / options_.epochs;
  }

  /// Some steps of the current epoch; false where they diverge.
  bool run_part(Report& report) {
    const TrainingState before = progress_only();
    const std::uint64_t end = std::min<std::uint64_t>(plan_.size(), state_.step + kPartSteps);
    double loss = 0;
    std::size_t pairs = 0;
    std::size_t unusable = 0;
    auto started = Clock::now();
    while (state_.step < end) {
      const BatchRange& range = plan_[state_.step];
      tasks_[range.task].copy_slice(range.pass, range.first, options_.batch, batch_);
      const double rate = options_.learning_rate * state_.rate_factor * (1 - done());
      const Random draws(options_.seed, (std::uint64_t{1} << 40) + state_.epoch * plan_.size() + state_.step);
      const double batch_loss = step_.run(tasks_[range.task], mixing_[range.task].weight, batch_, draws, rate);
      ++state_.step;
      unusable += step_.unusable_rows();
      loss += batch_loss;
      pairs += batch_.size();
      state_.losses[range.task] += batch_loss;
      state_.pairs[range.task] += batch_.size();
      report.add(range.task, batch_loss, batch_.size());
      for (const auto& pair : batch_) words_ += data_.length(pair.query) + data_.length(pair.item);
      if (!report.due(done())) continue;
      seconds_ += seconds_since(started);
      report.tell(done(), std::min(state_.epoch + 1, options_.epochs), rate, words_, tasks_);
      started = Clock::now();
    }
    seconds_ += seconds_since(started);
    loss /= static_cast<double>(pairs);
    const bool usable = unusable == 0 && std::isfinite(loss);
    // Anchors pull the loss of the first steps up again, which is what they are for.
    const bool is_anchored = options_.update.old && options_.update.anchor > 0;
    const bool risen = !is_anchored && loss > state_.least_loss + kDiverged * state_.first_loss;
    if (!usable || (risen && retries_ < kMostRetries)) {
      take_progress(before);
      return false;
    }
    retries_ = 0;
    if (state_.least_loss == std::numeric_limits<double>::max()) state_.first_loss = loss;
    state_.least_loss = risen ? loss : std::min(state_.least_loss, loss);
    return true;
  }

  TrainingState progress_only() const {
    TrainingState copy;
    copy.step = state_.step;
    copy.losses = state_.losses;
    copy.pairs = state_.pairs;
    return copy;
  }

  void take_progress(const TrainingState& before) {
    state_.step = before.step;
    state_.losses = before.losses;
    state_.pairs = before.pairs;
  }

  void roll_back() {
    if (++retries_ > kMostRetries)
      throw DataError("gradients are not finite at any learning rate; lower the weights of the pairs");
    ++state_.rollbacks;
    state_.rate_factor /= 2;
  }

  void end_part() {
    if (state_.step == plan_.size()) end_epoch();
    if (!run_.checkpoint.empty() && seconds_since(saved_) >= run_.checkpoint_seconds) save();
  }

  void end_epoch() {
    EpochReport report;
    report.epoch = ++state_.epoch;
    report.rate =
        options_.learning_rate * state_.rate_factor * (1 - static_cast<double>(state_.epoch) / options_.epochs);
    for (std::size_t t = 0; t < tasks_.size(); ++t)
      report.losses.push_back(
          {tasks_[t].name(), state_.losses[t] / std::max(1.0, static_cast<double>(state_.pairs[t]))});
    report.validation = evaluate_tasks(data_, vectors(), options_.threads);
    state_.step = 0;
    state_.losses.assign(tasks_.size(), 0);
    state_.pairs.assign(tasks_.size(), 0);
    if (!report.validation.empty() &&
        (state_.best_epoch == 0 ||
         mean_score(report.validation) > mean_score(state_.epochs[state_.best_epoch - 1].validation))) {
      state_.best_epoch = state_.epoch;
      state_.best_rows = rows_.state().rows;
      state_.best_mixing = rows_.state().mixing;
    }
    state_.epochs.push_back(report);
    if (run_.epoch) run_.epoch(report);
  }

  bool out_of_patience() const {
    return options_.patience > 0 && state_.best_epoch > 0 && state_.epoch - state_.best_epoch >= options_.patience;
  }

  EntityVectors vectors() const {
    return {options_.dimensions, [this](std::uint32_t entity, std::span<float> out) { step_.embed(entity, out); },
            [this](std::uint32_t word) { return vocabulary_.rows[word] != Vocabulary::kNone; }};
  }

  /// Stands for the data and the options, in checkpoints.
  std::string identity() const {
    RunningChecksum sum;
    sum.add(options_.json());
    for (const std::string& entry : vocabulary_.entries) sum.add(entry + '\n');
    const auto bytes = [&](const auto& values) {
      sum.add({reinterpret_cast<const char*>(std::data(values)), std::size(values) * sizeof(*std::data(values))});
    };
    for (std::size_t entity = 0; entity < data_.size(); ++entity) {
      bytes(bags_[entity]);
      bytes(data_.vector(entity));
    }
    for (const TaskPairs& task : tasks_) bytes(task.pairs());
    for (const auto& task : data_.tasks()) bytes(task.held_out.span());
    return to_hex(sum.value());
  }

  bool resume() {
    identity_ = identity();
    auto state = read_checkpoint(run_.checkpoint, identity_, {rows_.state(), tasks_.size(), options_.epochs});
    if (!state) return false;
    rows_.state() = std::move(state->words);
    state_ = std::move(*state);
    if (state_.epoch < options_.epochs) start_epoch();
    if (state_.step != 0 && (state_.epoch == options_.epochs || state_.step >= plan_.size()))
      throw Damaged(fmt::format("{}: the checkpoint has a step that epoch {} does not have; remove it to start anew",
                                run_.checkpoint, state_.epoch + 1));
    return true;
  }

  void save() {
    state_.words = std::move(rows_.state());
    write_checkpoint(run_.checkpoint, identity_, state_);
    rows_.state() = std::move(state_.words);
    saved_ = Clock::now();
  }

  /// Of the texts of the pairs that are learned from; those of an old dictionary stay known.
  void take_sketch(DictionaryContents& contents) const {
    contents.learned_queries = sketch_of(&EntityPair::query);
    contents.learned_items = sketch_of(&EntityPair::item);
    if (const auto& old = options_.update.old) {
      contents.learned_queries = contents.learned_queries.with(old->learned_queries());
      contents.learned_items = contents.learned_items.with(old->learned_items());
    }
  }

  TextSketch sketch_of(std::uint32_t EntityPair::*side) const {
    std::vector<bool> is_there(data_.size());
    for (const TaskPairs& task : tasks_)
      for (const EntityPair& pair : task.pairs()) is_there[pair.*side] = true;
    std::vector<std::uint64_t> hashes;
    for (std::size_t entity = 0; entity < is_there.size(); ++entity)
      if (is_there[entity] && !data_.bag(entity).empty()) hashes.push_back(data_.text_hash(entity));
    return TextSketch::of(std::move(hashes));
  }

  DictionaryContents dictionary() {
    DictionaryContents contents;
    contents.dimensions = options_.dimensions;
    contents.counts = vocabulary_.counts;
    contents.weights = vocabulary_.weights;
    contents.words = vocabulary_.entries;
    contents.ngrams = options_.ngrams();
    const bool has_best = !state_.best_rows.empty();
    const AlignedFloats& rows = has_best ? state_.best_rows : rows_.state().rows;
    std::vector<float>& vectors = options_.hash_rows > 0 ? contents.components : contents.vectors;
    vectors.reserve(rows.size() / rows_.dimensions() * options_.dimensions);
    for (std::size_t row = 0; row < rows.size(); row += rows_.dimensions())
      vectors.insert(vectors.end(), &rows[row], &rows[row] + options_.dimensions);
    contents.mixing = has_best ? state_.best_mixing : rows_.state().mixing;
    if (options_.update.old)
      contents = updated(std::move(contents), options_.update);
    else
      fold_trigrams(contents, contents.words.size());
    take_sketch(contents);
    std::vector<Json> tasks;
    for (const TaskPairs& task : tasks_)
      tasks.push_back({{"name", task.name()}, {"pairs", task.size()}, {"items", task.candidates().size()}});
    contents.provenance = Json{{"trainer", "vecterm"},
                               {"entities", data_.size()},
                               {"tasks", tasks},
                               {"words", contents.words.size()},
                               {"rollbacks", state_.rollbacks},
                               {"options", Json::parsed(options_.json())}}
                              .sorted_text();
    return contents;
  }

  const TrainingData& data_;
  TrainingOptions options_;
  const TrainingRun& run_;
  Vocabulary vocabulary_;
  Bags bags_;
  OldRows old_;
  WordRows rows_;
  ThreadPool threads_;
  TrainingStep step_;
  std::vector<TaskPairs> tasks_;
  std::vector<TaskOptions> mixing_;
  TrainingState state_;
  std::vector<BatchRange> plan_;
  std::uint32_t plan_epoch_ = 0;
  std::vector<TrainingData::Pair> batch_;
  std::string identity_;
  std::uint32_t retries_ = 0;  ///< of the current part
  Clock::time_point saved_ = Clock::now();
  std::uint64_t words_ = 0;
  double seconds_ = 0;
};

}  // namespace

TrainingResult train(const TrainingData& data, const TrainingOptions& options, const TrainingRun& run) {
  check(data, options);
  constexpr double kMostSeconds = 1e9;
  if (!(run.checkpoint_seconds >= 0 && run.checkpoint_seconds <= kMostSeconds))
    throw InvalidArgument(
        fmt::format("checkpoint_seconds must be in [0, {}]; was {}", kMostSeconds, run.checkpoint_seconds));
  return Trainer(data, options, run).train();
}

}  // namespace vecterm
