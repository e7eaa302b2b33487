// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/learn/autotune.h"

#include <vector>

#include "analyzers/errors.h"
#include "tests/support/support.h"
#include "tests/support/training.h"

using namespace vecterm;

namespace {

/// Poor options, so that there is something to find.
TrainingOptions poor() {
  auto options = test::small();
  options.learning_rate = 0.001;
  options.epochs = 1;
  return options;
}

TrainingData validated() {
  TrainingData data = test::topics();
  hold_out(data, 0.25, 2);
  return data;
}

struct Enough {};

/// The first `n` trials.
std::vector<AutotuneTrial> trials(std::size_t n) {
  std::vector<AutotuneTrial> met;
  const auto note = [&](const AutotuneTrial& trial) {
    met.push_back(trial);
    if (met.size() == n) throw Enough{};
  };
  CHECK_THROWS_AS(autotune(validated(), poor(), 1000, note), Enough);
  return met;
}

}  // namespace

TEST_CASE("autotune begins with what it is given and returns the best of what it tried") {
  std::vector<AutotuneTrial> met;
  const auto tune = [&](double seconds) {
    met.clear();
    return autotune(validated(), poor(), seconds, [&](const AutotuneTrial& trial) { met.push_back(trial); });
  };
  auto best = tune(0.5);
  for (double seconds = 1; met.size() <= 3; seconds *= 2) best = tune(seconds);  // on busy machines
  CHECK(met[0].options.json() == poor().json());
  for (const AutotuneTrial& trial : met) CHECK(trial.score <= best.score);
  CHECK(best.score > met[0].score);
  const auto again = train(validated(), best.options);
  CHECK(mean_score(again.epochs[again.best_epoch - 1].validation) == best.score);
}

TEST_CASE("autotune makes the same trials from the same seed, all of them allowed") {
  const auto one = trials(25), other = trials(25);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].options.json() == other[i].options.json());
    CHECK(one[i].score == other[i].score);
    CHECK(one[i].options.dimensions == poor().dimensions);
  }
  CHECK(one[1].options.json() != one[0].options.json());
}

TEST_CASE("autotune needs time and a validation") {
  CHECK_THROWS_WITH_AS(autotune(validated(), poor(), 0), "seconds must be in (0, 1000000000]; was 0", InvalidArgument);
  CHECK_THROWS_AS(autotune(test::topics(), poor(), 1), DataError);
}
