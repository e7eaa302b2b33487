// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/autotune.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "analyzers/errors.h"
#include "analyzers/numbers/portable_log.h"
#include "analyzers/numbers/random.h"

namespace vecterm {
namespace {

struct OutOfTime {};

template <class T, std::size_t kSize>
T any_of(const T (&values)[kSize], Random& random) {
  return values[random.below(kSize)];
}

/// Sets one option to some value; where `near`, to one not far from what it is.
using Change = void (*)(TrainingOptions& options, bool near, Random& random);

double scaled(double value, double low, double high, bool near, Random& random) {
  const double low_log = portable_log(near ? std::max(low, value / 1.6) : low);
  const double high_log = portable_log(near ? std::min(high, value * 1.6) : high);
  return std::exp(low_log + (high_log - low_log) * random.uniform());
}

const std::array<Change, 11> kChanges{
    [](TrainingOptions& o, bool near, Random& r) { o.learning_rate = scaled(o.learning_rate, 0.05, 3, near, r); },
    [](TrainingOptions& o, bool near, Random& r) { o.margin = scaled(o.margin, 0.1, 1, near, r); },
    [](TrainingOptions& o, bool near, Random& r) { o.temperature = scaled(o.temperature, 0.03, 0.5, near, r); },
    [](TrainingOptions& o, bool near, Random& r) {
      if (!near) o.objective = r.below(2) == 0 ? Objective::kHinge : Objective::kSoftmax;
    },
    [](TrainingOptions& o, bool, Random& r) {
      o.negatives = any_of<std::uint32_t>({64, 100, 200, 400}, r);
    },
    [](TrainingOptions& o, bool near, Random& r) {
      if (!near) o.in_batch = r.below(2) == 0, o.log_q = o.in_batch && r.below(2) == 0;
    },
    [](TrainingOptions& o, bool, Random& r) {
      o.batch = any_of<std::uint32_t>({128, 256, 512}, r);
    },
    [](TrainingOptions& o, bool, Random& r) {
      o.epochs = any_of<std::uint32_t>({3, 5, 7, 10, 15, 20}, r);
    },
    [](TrainingOptions& o, bool near, Random& r) {
      o.dropout = near ? std::clamp(o.dropout + 0.2 * (r.uniform() - 0.5), 0.0, 0.6) : 0.5 * r.uniform();
    },
    [](TrainingOptions& o, bool near, Random& r) { o.max_norm = scaled(o.max_norm, 0.5, 5, near, r); },
    [](TrainingOptions& o, bool, Random& r) {
      o.sif = any_of<std::optional<double>>({std::nullopt, 1e-3, 3e-3, 1e-2, 3e-2}, r);
      o.min_count = any_of<std::uint32_t>({1, 2, 3, 5}, r);
    },
};

/// Rounded to three digits, so that people can repeat a trial by its options.
void round_numbers(TrainingOptions& options) {
  for (double TrainingOptions::*number :
       {&TrainingOptions::learning_rate, &TrainingOptions::margin, &TrainingOptions::temperature,
        &TrainingOptions::dropout, &TrainingOptions::max_norm})
    options.*number = std::stod(fmt::format("{:.3g}", options.*number));
}

TrainingOptions changed(const TrainingOptions& best, Random& random) {
  TrainingOptions options = best;
  if (random.below(2) == 0) {
    for (const Change change : kChanges) change(options, false, random);
  } else {
    for (int i = 0; i < 3; ++i) kChanges[random.below(kChanges.size())](options, true, random);
  }
  round_numbers(options);
  return options;
}

class Search {
 public:
  Search(const TrainingData& data, double seconds, const std::function<void(const TrainingProgress&)>& progress)
      : data_(data), seconds_(seconds), progress_(progress) {}

  double passed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  /// @param hurried  whether to give up when the time is over
  AutotuneTrial trial(const TrainingOptions& options, bool hurried) const {
    TrainingRun run;
    run.progress = [&](const TrainingProgress& progress) {
      if (hurried && passed() > seconds_) throw OutOfTime{};
      TrainingProgress of_all = progress;
      of_all.done = std::min(1.0, passed() / seconds_);
      of_all.seconds_left = std::max(0.0, seconds_ - passed());
      if (progress_) progress_(of_all);
    };
    const double begun = passed();
    const TrainingResult result = train(data_, options, run);
    const auto& validation = result.epochs[result.best_epoch - 1].validation;
    if (validation.empty()) throw DataError("autotune goes by a validation: no task has held-out pairs");
    return {options, mean_score(validation), passed() - begun};
  }

 private:
  using Clock = std::chrono::steady_clock;

  const TrainingData& data_;
  double seconds_;
  const std::function<void(const TrainingProgress&)>& progress_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

AutotuneTrial autotune(const TrainingData& data, const TrainingOptions& start, double seconds,
                       const std::function<void(const AutotuneTrial&)>& tried,
                       const std::function<void(const TrainingProgress&)>& progress) {
  constexpr double kMostSeconds = 1e9;
  if (!(seconds > 0 && seconds <= kMostSeconds))
    throw InvalidArgument(fmt::format("seconds must be in (0, {}]; was {}", kMostSeconds, seconds));
  const Search search(data, seconds, progress);
  Random random(start.seed, 0x6175746f74756e65U);
  AutotuneTrial best = search.trial(start, false);
  if (tried) tried(best);
  while (search.passed() < seconds) {
    try {
      const AutotuneTrial trial = search.trial(changed(best.options, random), true);
      if (trial.score > best.score) best = trial;
      if (tried) tried(trial);
    } catch (const OutOfTime&) {
      break;
    }
  }
  return best;
}

}  // namespace vecterm
