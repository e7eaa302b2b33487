// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/curve.h"

namespace vecterm::bench {

/// A family's tokens, read in process and by an ordinary query; what is passed must outlive the curves.
std::vector<Curve> family_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                 const Costs& costs);

/// Every plan, without a filter and, where it serves, with one. Probing under filters is that of the widest.
std::vector<Curve> plan_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                               const Costs& costs);

/// What `vecterm search` does with the queries' texts: words only, and mixed, whose recall is against mixed search that
/// compares every vector.
std::vector<Curve> text_curves(const std::string& path, const std::vector<Query>& queries, const Costs& words,
                               const Costs& mixed);

}  // namespace vecterm::bench
