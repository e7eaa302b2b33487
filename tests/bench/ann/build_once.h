// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "tests/bench/ann/curve.h"

namespace vecterm::bench {

/// Builds a file or directory at `path` unless an earlier run has done so; what it cost is kept beside it.
Costs build_once(const std::string& path, const std::function<Costs()>& build);

}  // namespace vecterm::bench
