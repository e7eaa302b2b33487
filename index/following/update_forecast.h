// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "analyzers/words/dictionary_difference.h"
#include "index/write_options.h"

namespace vecterm {

/// What an index has to expect of an update from one dictionary to another of the same hash space.
UpdateForecast forecast(const DictionaryDifference& difference, const Dictionary& before, const Dictionary& after);

}  // namespace vecterm
