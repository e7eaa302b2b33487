// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "ranking_expression.h"

namespace vecterm {

/// How hits are ranked, in two phases: the first chooses candidates, the second gives them their scores.
struct VECTERM_API RankingProfile {
  /// A*bm25 + G, where A is a number of the query and G says nothing of words and other candidates
  /// (RankingExpression::separated): Xapian's matcher ranks every document of a local database by it that has
  /// a word of the query, and the nearest ones, unless A is negative or G has no lower bound. Empty = the second phase
  /// where it has that form. Without, candidates are the best by words and the nearest, which serves every expression
  /// that grows with bm25 and cosine.
  std::string first_phase;
  /// Any expression: the score. Empty = the first phase.
  std::string second_phase;
  /// Candidates that are scored for the first page, [1, 100000], never fewer than 2k + 20: the best by the first phase,
  /// or so many by words and as many by cosine.
  std::size_t window = 40;
  /// Named numbers of both expressions, for tuning.
  std::map<std::string, double, std::less<>> parameters;

  bool operator==(const RankingProfile&) const = default;
};

/// What mixed search uses where nothing else is asked for, fit for all sets of tests/bench/relevance:
///
///     (bm25/max_bm25)^steep + share * fit * room * (coverage * max(0, cosine))^2
///     (bm25/max_bm25)^steep + asked * cosine, where the user asked for a meaning beside the words
///
/// Words compete with the best hit of theirs, so that near misses count little and the cosine orders what lies below.
/// The cosine counts for the `room` that the words leave: 1 - max_bm25/saturation, little where a document has all of
/// them. A query vector stands for the words that have vectors (`coverage`), and a chance cosine must weigh
/// next to nothing (the square). Where documents and query lean to one side altogether, cosines say little: `fit` falls
/// from 1 to 0 as mean_cosine rises to 1/sqrt(dimensions), the spread of chance.
VECTERM_API const RankingProfile& default_profile();

/// A profile that was checked and compiled. Immutable and thread-safe; copies share what was compiled.
class VECTERM_API Ranking {
 public:
  /// @throws InvalidArgument naming the phase, where an expression is wrong, the first phase cannot be separated, the
  ///         window is out of its range, or a parameter is not a finite number
  explicit Ranking(RankingProfile profile);

  const RankingProfile& profile() const;
  /// A and G of the first phase, or nothing where candidates are the best by words and the nearest.
  const std::optional<SeparatedExpression>& first_phase() const;
  /// The value of the second phase.
  const RankingExpression& score() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// By one expression alone. @throws InvalidArgument where it is wrong
VECTERM_API std::shared_ptr<const Ranking> ranking_by(std::string_view expression);

/// Named profiles, as they are stored with an index: the metadata entry vecterm.profiles.
using RankingProfiles = std::map<std::string, RankingProfile, std::less<>>;

VECTERM_API std::string to_json(const RankingProfiles& profiles);
/// @throws Damaged where the text is not such a record
VECTERM_API RankingProfiles profiles_from_json(std::string_view json);

/// Those of a database; empty where none were stored. @throws Damaged where they are
VECTERM_API RankingProfiles read_profiles(const Xapian::Database& database);
/// @throws InvalidArgument for a profile that Ranking refuses, or a name that is not of letters, digits, - and _
VECTERM_API void write_profiles(Xapian::WritableDatabase& database, const RankingProfiles& profiles);

}  // namespace vecterm
