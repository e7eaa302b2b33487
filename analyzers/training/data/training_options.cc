// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/training_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::uint32_t kMostEntries = 1U << 28;

template <class Number>
void check_range(const std::string& name, Number value, Number low, Number high) {
  if (!(value >= low && value <= high))
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

void check_positive(const std::string& name, double value, double high) {
  if (!(value > 0 && value <= high))
    throw InvalidArgument(fmt::format("{} must be in (0, {}]; was {}", name, high, value));
}

/// An update can neither add n-grams, which the old words would have to be learned anew with, nor take them away.
void check_same_form(const Dictionary& old, const TrainingOptions& options) {
  const auto check = [](const char* name, auto of_old, auto value) {
    if (value != of_old)
      throw InvalidArgument(fmt::format("{} must be {}, as the old dictionary has; was {}", name, of_old, value));
  };
  check("bigrams", old.ngrams().bigrams, options.bigrams);
  check("trigrams", old.ngrams().trigrams, options.trigrams);
  check("pieces", old.ngrams().pieces, false);
  check("hash_rows", old.components(), std::size_t{options.hash_rows});
}

}  // namespace

void TrainingOptions::check() const {
  check_range("dimensions", dimensions, 2U, kMostDimensions);
  for (std::size_t i = 0; i < nested.size(); ++i)
    if (const std::uint32_t least = i == 0 ? 2 : nested[i - 1] + 1; nested[i] < least || nested[i] >= dimensions)
      throw InvalidArgument(fmt::format("nested must ascend and be in [2, {}), below the dimensions; number {} was {}",
                                        dimensions, i + 1, nested[i]));
  check_range("epochs", epochs, 1U, 10000U);
  check_positive("learning_rate", learning_rate, 10);
  check_positive("margin", margin, 2);
  check_range("temperature", temperature, 0.001, 10.0);
  check_range("negatives", negatives, in_batch ? 0U : 1U, 100000U);
  check_range("batch", batch, 1U, 100000U);
  check_range("dropout", dropout, 0.0, 0.9);
  check_positive("max_norm", max_norm, 1000);
  if (sif) check_positive("sif", *sif, 1);
  check_range("min_count", min_count, 1U, (1U << 31) - 1);
  check_range("ngram_min_count", ngram_min_count, 1U, (1U << 31) - 1);
  check_range("max_words", max_words, 1U, kMostEntries);
  check_range("max_bigrams", max_bigrams, 1U, kMostEntries);
  check_range("max_trigrams", max_trigrams, 1U, kMostEntries);
  check_range("hash_rows", hash_rows, 0U, kMostEntries);
  check_range("anchor", update.anchor, 0.0, 1e9);
  check_range("epsilon", update.epsilon, 0.0, 1e9);
  if (update.old && update.old->dimensions() != dimensions)
    throw InvalidArgument(
        fmt::format("dimensions must be {}, as the old dictionary has; was {}", update.old->dimensions(), dimensions));
  if (update.old) check_same_form(*update.old, *this);
  for (const TaskOptions& task : tasks) {
    check_range("ratio of task " + task.name, task.ratio, 0.0, 1000.0);
    check_positive("weight of task " + task.name, task.weight, 1000);
  }
}

TaskOptions TrainingOptions::task(const std::string& name) const {
  const auto found = std::ranges::find(tasks, name, &TaskOptions::name);
  return found != tasks.end() ? *found : TaskOptions{name};
}

std::string TrainingOptions::json() const {
  Json result{{"dimensions", dimensions},
              {"epochs", epochs},
              {"learning_rate", learning_rate},
              {"objective", objective == Objective::kHinge ? "hinge" : "softmax"},
              {"negatives", negatives},
              {"in_batch", in_batch},
              {"batch", batch},
              {"dropout", dropout},
              {"max_norm", max_norm},
              {"min_count", min_count},
              {"pairs_per_item", pairs_per_item},
              {"patience", patience},
              {"seed", seed}};
  if (objective == Objective::kHinge) {
    result.set("margin", margin);
  } else {
    result.set("temperature", temperature);
    result.set("log_q", log_q);
  }
  result.set("sif", sif ? Json(*sif) : Json(nullptr));
  if (!nested.empty()) result.set("nested", std::vector<std::uint64_t>(nested.begin(), nested.end()));
  if (max_words != TrainingOptions().max_words) result.set("max_words", max_words);
  if (bigrams) result.set("max_bigrams", max_bigrams);
  if (trigrams) result.set("max_trigrams", max_trigrams);
  if (ngrams().any()) result.set("ngram_min_count", ngram_min_count);
  if (hash_rows > 0) result.set("hash_rows", hash_rows);
  if (update.old)
    result.set("update", {{"parent", update.old->fingerprint()},
                          {"anchor", update.anchor},
                          {"epsilon", update.epsilon},
                          {"keep_weights", update.keep_weights}});
  std::vector<Json> listed;
  for (const TaskOptions& task : tasks)
    listed.push_back({{"name", task.name}, {"ratio", task.ratio}, {"weight", task.weight}});
  if (!listed.empty()) result.set("tasks", listed);
  return result.sorted_text();
}

}  // namespace vecterm
