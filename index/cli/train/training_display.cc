// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/train/training_display.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/json.h"
#include "index/cli/output.h"

namespace vecterm::cli {

namespace {

constexpr std::chrono::seconds kBetweenLines(10);

Json losses_json(const std::vector<TaskLoss>& losses) {
  Json object;
  for (const TaskLoss& task : losses) object.set(task.task, task.loss);
  return object;
}

Json direction_json(const RetrievalMetrics& metrics) {
  return {{"recall@1", metrics.recall_1}, {"recall@10", metrics.recall_10}, {"mrr", metrics.mrr}};
}

void error_line(const Json& line) {
  const std::string text = json_line(line) + '\n';
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

NGramCounts entries_of(const DictionaryContents& contents) {
  NGramCounts counts;
  for (const std::string& word : contents.words) counts.add(contents.ngrams.any() ? ngram_of(word) : NGram::kWord);
  return counts;
}

void TrainingDisplay::show(const TrainingProgress& progress) {
  if (const ProgressFunction draw = bar_.function()) {
    std::string losses;
    for (const TaskLoss& task : progress.losses) losses += fmt::format(" {} {:.3f}", task.task, task.loss);
    draw({fmt::format("epoch {}/{}", progress.epoch, epochs_), progress.done,
          fmt::format("{:.0f} s left, {:.1f}M words/s a thread, rate {:.2f}, loss{}{}", progress.seconds_left,
                      progress.words_per_second / 1e6, progress.rate, losses, validation_)});
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < kBetweenLines) return;
  last_ = now;
  error_line({{"event", "progress"},
              {"done", progress.done},
              {"epoch", progress.epoch},
              {"rate", progress.rate},
              {"words_per_second_per_thread", progress.words_per_second},
              {"seconds_left", progress.seconds_left},
              {"loss", losses_json(progress.losses)}});
}

void TrainingDisplay::note(const std::string& text) {
  bar_.clear();
  message(text);
}

void TrainingDisplay::show(const AutotuneTrial& trial, std::size_t number) {
  best_ = std::max(best_, trial.score);
  validation_ = fmt::format(", trial {}: validation {:.4f}, best {:.4f}", number, trial.score, best_);
  if (bar_.function()) return;
  error_line({{"event", "trial"},
              {"trial", number},
              {"validation", trial.score},
              {"seconds", trial.seconds},
              {"options", Json::parsed(trial.options.json())}});
}

void TrainingDisplay::show(const EpochReport& epoch) {
  if (!epoch.validation.empty()) validation_ = fmt::format(", validation {:.4f}", mean_score(epoch.validation));
  if (bar_.function()) return;
  Json line{{"event", "epoch"}, {"epoch", epoch.epoch}, {"rate", epoch.rate}, {"loss", losses_json(epoch.losses)}};
  if (!epoch.validation.empty()) {
    Json tasks;
    for (const TaskEvaluation& task : epoch.validation)
      tasks.set(task.task, {{"items", direction_json(task.items)}, {"queries", direction_json(task.queries)}});
    line.set("validation", mean_score(epoch.validation));
    line.set("tasks", tasks);
  }
  error_line(line);
}

void TrainingDisplay::show(const TrainingResult& result) {
  if (bar_.function()) return;
  const NGramCounts entries = entries_of(result.dictionary);
  Json line{{"event", "end"},
            {"words", entries.words},
            {"bigrams", entries.bigrams},
            {"trigrams", entries.trigrams},
            {"words_per_second_per_thread", result.words_per_second}};
  if (!result.epochs.empty()) {
    line.set("best_epoch", result.best_epoch);
    line.set("rollbacks", result.rollbacks);
    line.set("resumed", result.resumed);
  }
  error_line(line);
}

void TrainingDisplay::show(const UpdateReport& report) {
  if (!bar_.function()) error_line(json(report));
}

}  // namespace vecterm::cli
