// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/kill_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "tests/faults/trial.h"
#include "tests/support/dictionary.h"

namespace vecterm::faults {
namespace {

constexpr std::size_t kTwiceOneIn = 5;

bool is_system_call(Step step) { return step >= Step::kFlush; }

/// All occurrences of a step in the variants of a scenario.
std::vector<KillPoint> occurrences(const std::vector<Rehearsal>& rehearsals, std::string_view scenario, Step step,
                                   Moment moment) {
  std::vector<KillPoint> points;
  for (const Rehearsal& rehearsal : rehearsals)
    if (rehearsal.scenario == scenario)
      for (std::uint64_t number = 1; number <= rehearsal.counts.at(std::string(name_of(step))); ++number)
        points.push_back({&rehearsal, {step, moment, number}, false, 0});
  return points;
}

/// Moves `most` of them, drawn at random, to the front, and drops the others.
void draw(std::vector<KillPoint>& points, std::size_t most, test::Random& random) {
  const std::size_t count = std::min(most, points.size());
  for (std::size_t i = 0; i < count; ++i) std::swap(points[i], points[i + random.below(points.size() - i)]);
  points.erase(points.begin() + static_cast<std::ptrdiff_t>(count), points.end());
}

/// Kills the run that goes on after a kill somewhere at the same kind of step, if it gets that far.
std::vector<std::string> kill_again(const KillPoint& point, const Trial& trial) {
  test::Random random(point.seed);
  Orders::Kill kill = point.kill;
  kill.number = 1 + random.below(std::max<std::size_t>(1, kill.number / 2));
  const Outcome outcome = trial.run({.kill = kill});
  if (outcome.signal != SIGKILL && outcome.code != 0) return {"second run: " + outcome.describe()};
  return trial.inspect();
}

}  // namespace

std::string KillPoint::step() const {
  const bool of_record = kill.step == Step::kRecord || kill.step == Step::kRecordFlush;
  if (of_record && (rehearsal->scenario == "activation" || rehearsal->scenario == "rollback")) return "activation";
  const bool commits = of_record || kill.step == Step::kCommit || kill.step == Step::kFlush;
  if (commits && rehearsal->scenario == "retirement") return "retirement";
  return std::string(name_of(kill.step));
}

std::string KillPoint::describe() const {
  return fmt::format("{} {}, killed {} {} {}{}", rehearsal->scenario, rehearsal->variant, name_of(kill.moment),
                     name_of(kill.step), kill.number, twice ? ", twice" : "");
}

std::vector<KillPoint> choose_kill_points(const std::vector<Rehearsal>& rehearsals, std::size_t most,
                                          std::uint64_t seed) {
  test::Random random(seed);
  std::vector<KillPoint> chosen;
  for (const std::string_view scenario : kScenarios)
    for (std::size_t step = 0; step < kStepNames.size(); ++step)
      for (const Moment moment : {Moment::kBefore, Moment::kWithin, Moment::kAfter}) {
        if (moment == Moment::kWithin && !is_system_call(Step{step})) continue;
        auto points = occurrences(rehearsals, scenario, Step{step}, moment);
        draw(points, most, random);
        for (KillPoint& point : points) {
          point.seed = random.next();
          point.twice = random.below(kTwiceOneIn) == 0;
        }
        chosen.insert(chosen.end(), points.begin(), points.end());
      }
  return chosen;
}

std::vector<std::string> run_kill_point(const KillPoint& point, const std::string& directory) {
  const Trial trial(*point.rehearsal, directory);
  const Outcome outcome = trial.run({.kill = point.kill});
  if (outcome.signal != SIGKILL) return {"was not killed: " + outcome.describe()};
  std::vector<std::string> complaints = trial.inspect();
  if (complaints.empty() && point.twice && (point.rehearsal->repeatable || !trial.is_finished()))
    complaints = kill_again(point, trial);
  return complaints.empty() ? trial.finish() : complaints;
}

}  // namespace vecterm::faults
