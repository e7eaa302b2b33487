// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "analyzers/training/trainer.h"

namespace vecterm {

/// One set of options that was tried.
struct AutotuneTrial {
  TrainingOptions options;
  double score = 0;  ///< of its best epoch, see mean_score()
  double seconds = 0;
};

/// Looks for options with a better validation: random search (Bergstra and Bengio, JMLR 2012), half of the trials near
/// the best so far, as fastText's autotune does. Everything but dimensions, tasks, threads and seed may change. The
/// first trial is `start`; the best of all is the result, so it is never worse than that. Which trials are made is
/// fixed by the seed, how many there is time for is not.
///
/// @param seconds  no trial is begun, and the one under way is given up, when they are over; the first one is finished
/// @param tried    called after each trial; may throw to cancel
/// @throws InvalidArgument where `seconds` is not above 0; DataError where no task has held-out pairs
AutotuneTrial autotune(const TrainingData& data, const TrainingOptions& start, double seconds,
                       const std::function<void(const AutotuneTrial&)>& tried = {},
                       const std::function<void(const TrainingProgress&)>& progress = {});

}  // namespace vecterm
