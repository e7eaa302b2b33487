// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "../analyzers/export.h"
#include "ranking_expression.h"

namespace vecterm {

/// How hits are ranked, in two phases: the first chooses candidates, the second gives the best of them their scores.
struct VECTERM_API RankingProfile {
  /// A*bm25 + G, where A is a number of the query and G says nothing of words and other candidates
  /// (RankingExpression::separated). Local databases are searched by it in Xapian's matcher. Empty = the second phase
  /// where that has the form, else the default's.
  std::string first_phase;
  /// Any expression: the score. Empty = the first phase.
  std::string second_phase;
  /// Candidates that are scored for the first page, [1, 100000]; never fewer than 2k + 20.
  std::size_t window = 40;
  /// Named numbers of both expressions, for tuning.
  std::map<std::string, double, std::less<>> parameters;

  bool operator==(const RankingProfile&) const = default;
};

/// What mixed search uses where nothing else is asked for.
VECTERM_API const RankingProfile& default_profile();

/// A profile that was checked and compiled. Immutable and thread-safe.
class VECTERM_API Ranking {
 public:
  /// @throws InvalidArgument naming the phase, where an expression is wrong, the first phase cannot be separated, the
  ///         window is out of its range, or a parameter is not a finite number
  explicit Ranking(RankingProfile profile);

  const RankingProfile& profile() const { return profile_; }
  /// A and G of the first phase.
  const SeparatedExpression& first_phase() const { return first_phase_; }
  /// The value of the second phase.
  const RankingExpression& score() const { return score_; }

 private:
  RankingProfile profile_;
  RankingExpression score_;
  SeparatedExpression first_phase_;
};

/// Named profiles, as they are stored with an index: the metadata entry vecterm.profiles.
using RankingProfiles = std::map<std::string, RankingProfile, std::less<>>;

VECTERM_API std::string to_json(const RankingProfiles& profiles);
/// @throws DataError where the text is not such a record
VECTERM_API RankingProfiles profiles_from_json(std::string_view json);

/// Those of a database; empty where none were stored. @throws DataError where they are damaged
VECTERM_API RankingProfiles read_profiles(const Xapian::Database& database);
/// @throws InvalidArgument for a profile that Ranking refuses, or a name that is not of letters, digits, - and _
VECTERM_API void write_profiles(Xapian::WritableDatabase& database, const RankingProfiles& profiles);

}  // namespace vecterm
