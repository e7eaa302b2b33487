// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/following/update_forecast.h"

namespace vecterm {

UpdateForecast forecast(const DictionaryDifference& difference, const Dictionary& before, const Dictionary& after) {
  const auto running_words = [&](std::size_t i) {
    return after.kind(i) == NGram::kWord ? static_cast<double>(after.count(i)) : 0;
  };
  double all = 0;
  for (std::size_t i = 0; i < after.size(); ++i) all += running_words(i);
  double changed = 0;
  for (const auto* list : {&difference.added, &difference.moved})
    for (const std::string& entry : *list) changed += running_words(after.find(entry).value());
  return {before.components() + after.components() > 0, all > 0 ? changed / all : 0};
}

}  // namespace vecterm
