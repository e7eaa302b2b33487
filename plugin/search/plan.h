// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzers/version.h"

namespace vecterm {

/// How the vector side of a search finds its candidates.
enum class Plan {
  kAuto,         ///< the planner chooses
  kExact,        ///< every vector is compared
  kFilterFirst,  ///< every document that matches the filter is compared
  kProbe,        ///< the posting lists of the query's tokens are read, in this process
  kPlainTerms,   ///< an ordinary query for the tokens, which any Xapian engine runs, remote ones too
};

/// "auto", "exact", "filter-first", "probe" or "plain-terms".
VECTERM_API std::string_view plan_name(Plan plan);
/// @throws InvalidArgument for any other name
VECTERM_API Plan plan_from_name(std::string_view name);

/// What the planner knows, of all shards together.
struct VECTERM_API PlanFacts {
  Plan wanted = Plan::kAuto;
  bool local = true;                    ///< posting lists can be read in this process
  std::size_t vectors = 0;              ///< documents with a vector
  std::optional<std::size_t> matching;  ///< documents that match the filter; nothing = no filter, or not counted
  std::size_t expected = 0;             ///< postings that the probes are expected to have
  std::size_t exact_below = 0;          ///< SearchRequest::exact_below
};

/// What it chose.
struct VECTERM_API PlanChoice {
  Plan plan = Plan::kAuto;
  std::string reason;  ///< for people
};

/// Chooses by numbers of whole collections only, so that shards, threads and caches cannot change the hits. A filter is
/// taken first where it lets at most ten times the candidates through that probing would read: what it finds is exact,
/// and probing would have to look farther for the same recall.
VECTERM_API PlanChoice choose_plan(const PlanFacts& facts);

/// How many documents there are to be found, as Xapian knows it: exact where all three are the same.
struct VECTERM_API MatchCount {
  std::size_t least = 0;
  std::size_t estimated = 0;
  std::size_t most = 0;
};

/// What a search did. Everything but the hits themselves.
struct VECTERM_API SearchReport {
  PlanChoice choice;
  MatchCount matches;              ///< of the words; of a vector alone, documents that are near enough
  std::size_t probes = 0;          ///< buckets whose posting lists were read
  std::size_t postings = 0;        ///< documents in them, and in the filter's list where that was read
  std::size_t candidates = 0;      ///< distinct documents that the first pass compared
  std::size_t compared = 0;        ///< of those, how many were compared exactly
  std::optional<double> recall;    ///< expected of the vector's hits: 1 where all were compared, else by the tuning
  std::vector<std::string> notes;  ///< for the user, where something in the query can have no effect
};

}  // namespace vecterm
