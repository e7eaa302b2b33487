// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/faults/trial.h"
#include "tests/support/dictionary.h"

namespace vecterm::faults {
namespace {

constexpr int kDisk = 5;  // exit codes
constexpr int kSystem = 6;

const std::vector<Refusal>& refusals() {
  static const std::vector<Refusal> all{
      {"no descriptor", Call::kOpen, EMFILE, true, {kSystem}},
      {"a file that may not grow", Call::kWrite, EFBIG, true, {kDisk}},
      {"a quota", Call::kWrite, EDQUOT, true, {kDisk}},
      {"a failing write", Call::kWrite, EIO, false, {kDisk, kSystem}},
      {"a failing read", Call::kRead, EIO, false, {kSystem}},
      {"a failing sync", Call::kSync, EIO, false, {kDisk, kSystem}},
      {"a read-only disk", Call::kChange, EROFS, true, {kDisk}},
      {"a missing permission", Call::kChange, EACCES, true, {kDisk, kSystem}},
      {"no memory once", Call::kMemory, ENOMEM, false, {kSystem}},
      {"no memory", Call::kMemory, ENOMEM, true, {kSystem}},
      {.name = "short reads and writes", .disturbance = kShort},
      {.name = "interruptions", .disturbance = kInterrupted},
      {.name = "a clock going back", .disturbance = kClockGoesBack},
  };
  return all;
}

/// The data are sound, and nobody else is there.
bool misleads(const std::string& message) {
  constexpr std::array<std::string_view, 3> kWrong{"damage", "anew", "another program"};
  return std::ranges::any_of(kWrong, [&](std::string_view wrong) { return message.find(wrong) != message.npos; });
}

std::vector<std::string> meet(const RefusalPoint& point, const Trial& trial) {
  const Refusal& refusal = *point.refusal;
  Orders orders{.disturbance = refusal.disturbance};
  if (refusal.disturbance == nullptr) orders.refusal = {refusal.call, refusal.error, refusal.lasting, point.number};
  const Outcome outcome = trial.run(orders);
  // What was refused was not needed, such as the sidecar.
  if (outcome.code == 0) return trial.inspect();
  if (std::ranges::find(refusal.codes, outcome.code) == refusal.codes.end())
    return {"not told by its exit code: " + outcome.describe()};
  if (outcome.messages.empty()) return {"there is no message"};
  if (misleads(outcome.messages)) return {"the message misleads: " + outcome.messages};
  return trial.inspect();
}

}  // namespace

std::string RefusalPoint::describe() const {
  const std::string run = fmt::format("{} {}, {}", rehearsal->scenario, rehearsal->variant, refusal->name);
  return refusal->disturbance != nullptr ? run : fmt::format("{} at call {}", run, number);
}

std::vector<RefusalPoint> choose_refusal_points(const std::vector<Rehearsal>& rehearsals, std::size_t most,
                                                std::uint64_t seed) {
  test::Random random(seed);
  std::vector<RefusalPoint> points;
  std::size_t turn = 0;
  for (const Refusal& refusal : refusals())
    for (std::size_t i = 0; i < (refusal.disturbance != nullptr ? std::min(most, rehearsals.size()) : most); ++i) {
      const Rehearsal& rehearsal = rehearsals[turn++ % rehearsals.size()];
      const std::uint64_t calls = rehearsal.counts.at(std::string(name_of(refusal.call)));
      points.push_back({&rehearsal, &refusal, 1 + random.below(std::max<std::uint64_t>(1, calls))});
    }
  return points;
}

std::vector<std::string> run_refusal_point(const RefusalPoint& point, const std::string& directory) {
  const Trial trial(*point.rehearsal, directory);
  std::vector<std::string> complaints = meet(point, trial);
  // Metadata that say when something was done are of another time.
  const bool comparable = point.refusal->disturbance != kClockGoesBack;
  return complaints.empty() && comparable ? trial.finish() : complaints;
}

}  // namespace vecterm::faults
