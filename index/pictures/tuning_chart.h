// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/pictures/chart.h"
#include "plugin/search_request.h"

namespace vecterm {

/// Recall by cost, one line for either kind of limits.
LineChart tuning_chart(const Tuning& tuning);

}  // namespace vecterm
