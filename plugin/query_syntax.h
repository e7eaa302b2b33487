// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/version.h"

namespace vecterm {

/// Something whose meaning is looked for, or kept away from.
struct VECTERM_API SemanticPart {
  enum class Kind { kText, kDocument };

  Kind kind = Kind::kText;
  std::string text;          ///< kText: what was quoted, UTF-8 as the user wrote it; kDocument: the document's id
  double weight = 1;         ///< finite, not 0, |weight| <= kMaxPartWeight; negative = away from it
  std::size_t position = 1;  ///< column in the query where the part begins, in characters, from 1

  bool operator==(const SemanticPart&) const = default;
};

/// Limits of a query, so that neither Xapian's parser nor its matcher recurses or works without bound: a thousand equal
/// words joined by NEAR keep it busy for half a minute on 2,000 documents.
inline constexpr std::size_t kMaxQueryBytes = 65536;
inline constexpr std::size_t kMaxQueryBrackets = 200;
inline constexpr std::size_t kMaxQueryParts = 100;
inline constexpr std::size_t kMaxQueryWords = 1000;    ///< operators too; a wildcard counts as kMaxWildcardWords
inline constexpr std::size_t kMaxWildcardWords = 100;  ///< that a wildcard stands for: the most frequent ones
inline constexpr std::size_t kMaxNearWords = 10;       ///< that NEAR joins
inline constexpr std::size_t kMaxQueryFilters = 1000;  ///< beside the query
inline constexpr double kMaxPartWeight = 1000;

/// What a user's query says, as QueryBuilder::parse_query() takes it apart. It is written in Xapian's query syntax,
/// with parts that are looked for by meaning:
///
///     river bank ~"erosion of the shore"    words, and the meaning of a text; sem:"..." is the same
///     ~shore                                the meaning of one word
///     ~"erosion"^2  ~"flood"^0.5            with a weight in (0, kMaxPartWeight], 1 by default
///     -~"cooking"  -~"cooking"^0.2          away from a meaning, -0.5 by default
///     like:1842  like:"an id"  -like:7^0.3  the meaning of an indexed document
///     cosine>=0.4                           hits must have at least this cosine; once
///     AND OR NOT XOR NEAR ADJ ( ) +word -word "a phrase" wild* section:games
///     year:2000..2010  year:..1999          a range of a metadata field with numbers and a slot
///
/// Parts and `cosine` stand beside the words, not in brackets or beside operators. Nothing in a "phrase" is special. In
/// quotes "" is one quote. Typographic quotes and full-width tildes serve as " and ~, an ideographic space as a blank.
/// A metadata field named sem, like or cosine cannot be reached by its name. NEAR and ADJ join single words, and have
/// to be put in brackets beside others: (red NEAR fox) den.
///
/// `filter` is what holds for all hits, also those that are near in meaning only: filters, ranges, +words, words joined
/// by AND, and not -words or what follows NOT, unless they stand in a bracket or beside OR, XOR, NEAR or ADJ. Without
/// parts, a query of nothing but filters has them as `words`, which weigh 0. `meaning` leaves out operators, wildcards,
/// filters and excluded words; stop words are in it.
///
/// At least one of `words` and `parts` is not empty.
struct VECTERM_API UserQuery {
  Xapian::Query words;               ///< what ranks by words; empty = none
  Xapian::Query filter;              ///< what every hit must match, however it is found; empty = all
  std::vector<SemanticPart> parts;   ///< as they stand in the query
  std::optional<double> min_cosine;  ///< hits must be at least so near, [-1, 1]
  std::string meaning;               ///< the words that are looked for, joined by blanks: what to embed without parts
};

}  // namespace vecterm
