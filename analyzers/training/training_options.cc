// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/training_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"

namespace vecterm {
namespace {

template <class Number>
void check_range(const std::string& name, Number value, Number low, Number high) {
  if (!(value >= low && value <= high))
    throw InvalidArgument(fmt::format("{} must be in [{}, {}]; was {}", name, low, high, value));
}

void check_positive(const std::string& name, double value, double high) {
  if (!(value > 0 && value <= high))
    throw InvalidArgument(fmt::format("{} must be in (0, {}]; was {}", name, high, value));
}

}  // namespace

void TrainingOptions::check() const {
  check_range("dimensions", dimensions, 2U, 4096U);
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
  check_range("anchor", update.anchor, 0.0, 1e9);
  check_range("epsilon", update.epsilon, 0.0, 1e9);
  if (update.old && update.old->dimensions() != dimensions)
    throw InvalidArgument(
        fmt::format("dimensions must be {}, as the old dictionary has; was {}", update.old->dimensions(), dimensions));
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
  nlohmann::json result{{"dimensions", dimensions},
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
    result["margin"] = margin;
  } else {
    result["temperature"] = temperature;
    result["log_q"] = log_q;
  }
  result["sif"] = sif ? nlohmann::json(*sif) : nlohmann::json();
  if (!nested.empty()) result["nested"] = nested;
  if (update.old)
    result["update"] = {{"parent", update.old->fingerprint()},
                        {"anchor", update.anchor},
                        {"epsilon", update.epsilon},
                        {"keep_weights", update.keep_weights}};
  for (const TaskOptions& task : tasks)
    result["tasks"].push_back({{"name", task.name}, {"ratio", task.ratio}, {"weight", task.weight}});
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace vecterm
