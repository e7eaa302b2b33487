// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "../plugin/search_request.h"

namespace vecterm {

enum class SearchMode { kWords, kVector, kMixed };

/// "words", "vector" or "mixed". @throws InvalidArgument for any other name
VECTERM_API SearchMode search_mode(std::string_view name);

/// What a user types, and how the hits are wanted.
struct VECTERM_API TextQuery : SearchOptions {
  std::string text;  ///< may be empty where `like` is set
  std::string like;  ///< id of a document: more like this
  SearchMode mode = SearchMode::kMixed;
  bool operators = true;             ///< the query language of UserQuery in `text`; otherwise plain words
  std::vector<std::string> filters;  ///< QueryBuilder::filter; hits match all of them; at most kMaxQueryFilters
  bool tokens = false;               ///< fill in TextHit::tokens
  bool explain = false;              ///< fill in Hit::features, TextHit::explanation, tokens and snippet
};

}  // namespace vecterm
