// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "../plugin/explanation.h"
#include "../plugin/query_builder.h"
#include "../plugin/search_request.h"

namespace vecterm {

enum class SearchMode { kWords, kVector, kMixed };

/// "words", "vector" or "mixed". @throws InvalidArgument for any other name
VECTERM_API SearchMode search_mode(std::string_view name);

/// What a user types, and how the hits are wanted.
struct VECTERM_API TextQuery {
  std::string text;  ///< may be empty where `like` is set
  std::string like;  ///< id of a document: more like this
  SearchMode mode = SearchMode::kMixed;
  bool operators = true;             ///< the query language of parse_user_query in `text`; otherwise plain words
  std::vector<std::string> filters;  ///< QueryBuilder::filter; hits match all of them
  std::size_t k = 10;
  std::size_t offset = 0;  ///< hits left out at the top, for paging with the same k

  /// SearchRequest::ranking; empty = as there, but the profile "default" of the index for both words and vector.
  std::shared_ptr<const Ranking> ranking;
  std::map<std::string, double, std::less<>> inputs;  ///< of input(name) in the ranking
  std::optional<double> min_score;
  std::optional<double> min_cosine;         ///< as cosine>= in the text; the larger one holds
  std::optional<Xapian::valueno> collapse;  ///< SearchRequest::collapse
  bool count_all = false;                   ///< SearchRequest::count_all

  double recall = 0;       ///< SearchRequest::recall
  std::size_t probes = 0;  ///< SearchRequest::probes
  double reach = 0;        ///< SearchRequest::reach
  Plan plan = Plan::kAuto;
  bool tokens = false;   ///< fill in TextHit::tokens
  bool explain = false;  ///< fill in Hit::features, TextHit::explanation, tokens and snippet
};

/// Internal: a TextQuery as a searcher takes it.
struct TextRequest {
  SearchRequest search;
  QueryMeaning meaning;            ///< what the vector was made of
  std::vector<std::string> notes;  ///< for the user, where something in the query can have no effect
};

/// Internal: finds a document's number by its id.
using FindDocument = std::function<Xapian::docid(std::string_view id)>;

/// Internal. Where neither words nor vector are in the request, nothing can be found.
/// @throws InvalidArgument for an empty or bad query; what `find` throws
TextRequest text_request(const TextQuery& query, const QueryBuilder& builder, const Xapian::Database& database,
                         const FindDocument& find);

}  // namespace vecterm
