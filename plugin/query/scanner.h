// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/analyzer_settings.h"
#include "plugin/query_syntax.h"

namespace vecterm {

/// A query without what is looked for by meaning: text for Xapian's parser, and where it came from. Internal.
struct ScannedQuery {
  /// A word, an operator, a bracket, a phrase or a name:value of `words`.
  struct Token {
    std::size_t begin;   ///< in `words`, of the token and the signs before it
    std::size_t end;     ///< in `words`
    std::size_t column;  ///< in the query, from 1
  };

  std::string words;          ///< segmented() but for values of metadata fields; ASCII blanks
  std::vector<Token> tokens;  ///< of `words`, in their order
  std::vector<SemanticPart> parts;
  std::optional<double> min_cosine;
  bool requires_word = false;  ///< + stands before something outside brackets
  bool wants_word = false;     ///< something outside brackets is not excluded by -
};

/// Whether name:FROM..TO is a range of this field.
bool is_range_field(const MetadataField& field);

/// Takes the semantic parts out of a query and rewrites the rest for Xapian::QueryParser: see parse_user_query.
/// Unmatched closing brackets are refused, which the parser would pass over.
/// REQUIRES: text has at most kMaxQueryBytes.
/// @throws InvalidArgument with the column
ScannedQuery scan_query(std::string_view text, const AnalyzerSettings& settings);

/// @throws InvalidArgument for a text over kMaxQueryBytes
void check_query_size(std::string_view text);

/// @throws InvalidArgument "query, column N: ..."
[[noreturn]] void fail_at(std::size_t column, std::string_view problem);

}  // namespace vecterm
