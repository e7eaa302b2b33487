// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/text_query.h"

#include <fmt/format.h>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {

SearchMode search_mode(std::string_view name) {
  if (name == "words") return SearchMode::kWords;
  if (name == "vector") return SearchMode::kVector;
  if (name == "mixed") return SearchMode::kMixed;
  throw InvalidArgument(fmt::format("mode must be \"words\", \"vector\" or \"mixed\"; was {}", in_quotes(name)));
}

}  // namespace vecterm
