// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "analyzers/errors.h"
#include "plugin/search_request.h"

/// Internal: recall by cost, for whatever can be searched with limits.
namespace vecterm {

/// What searches with these limits find and cost.
using MeasureLimits = std::function<TuningPoint(const ProbeLimits&)>;

/// Measures with a rising number of probes, then with a rising reach and at most twice as many probes as the recall
/// takes (where some number of probes reaches it), and more closely around the wanted recall. By rising cost().
std::vector<TuningPoint> tuning_curve(double recall, const MeasureLimits& measure);

/// The first point with at least this recall, or nullptr.
const TuningPoint* cheapest_with(const std::vector<TuningPoint>& curve, double recall);

/// What to throw where cheapest_with() finds nothing. REQUIRES: the curve is not empty.
DataError unreached(const std::vector<TuningPoint>& curve, double recall);

}  // namespace vecterm
