// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "index/text_query.h"
#include "plugin/explanation.h"
#include "plugin/query_builder.h"

namespace vecterm {

/// A TextQuery as a searcher takes it.
struct TextRequest {
  SearchRequest search;
  QueryMeaning meaning;            ///< what the vector was made of
  std::vector<std::string> notes;  ///< for the user, where something in the query can have no effect
};

/// Finds a document's number by its id.
using FindDocument = std::function<Xapian::docid(std::string_view id)>;

/// Where neither words nor vector are in the request, nothing can be found. A least cosine in the text counts beside
/// that of the options: the larger one holds.
/// @throws InvalidArgument for an empty or bad query; what `find` throws
TextRequest text_request(const TextQuery& query, const QueryBuilder& builder, const Xapian::Database& database,
                         const FindDocument& find);

}  // namespace vecterm
