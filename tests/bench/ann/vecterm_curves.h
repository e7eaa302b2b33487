// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "tests/bench/ann/curve.h"

namespace vecterm::bench {

/// Every plan over the index at `path`, without a filter and under each; what is passed must outlive the curves.
std::vector<Curve> vector_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                 const Costs& costs);

/// A family's tokens alone by the plan of an unmodified engine.
std::vector<Curve> plain_curves(const std::string& path, const std::string& family, const std::vector<Query>& queries,
                                const Costs& costs);

/// What `vecterm search` does with the queries' texts: words only, and mixed, whose recall is against mixed search that
/// compares every vector.
std::vector<Curve> text_curves(const std::string& path, const std::vector<Query>& queries, const Costs& words,
                               const Costs& mixed);

}  // namespace vecterm::bench
