// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "../analyzers/version.h"

/// What ranking expressions (plugin/ranking_expression.h) read, and the bounds of what they give. Numbers that are not
/// finite are taken as 0. A column that is left empty is 0 in each row.
namespace vecterm {

/// The variables of an expression, each by the name that it has in the text.
enum class RankingVariable {
  kBm25,        ///< `bm25`: weight of the query's words
  kCosine,      ///< `cosine`, 0 where the document or the query has no vector
  kDistance,    ///< `distance` = 1 - cosine
  kCloseness,   ///< `closeness` = 1 / (1 + distance)
  kVotes,       ///< `votes`: LSH tokens that the document shares with the query
  kDoclength,   ///< `doclength`: words of the document
  kRankWords,   ///< `rank_words`: place by falling bm25 among the candidates, from 1; infinity where bm25 is 0
  kRankCosine,  ///< `rank_cosine`: place by falling cosine, from 1; infinity where the document has no vector
  kMaxBm25,     ///< `max_bm25`: largest bm25 of the candidates; where no word matches the smallest double above 0,
                ///< so that it may divide
  kMaxCosine,   ///< `max_cosine`: largest cosine of the candidates that have a vector, 0 where none has
  kSaturation,  ///< `saturation`: the most that the query's words could weigh
  kCoverage,    ///< `coverage`: share of the query's words that have vectors, [0, 1]
  kWords,       ///< `words`: number of the query's words
  kAsked,       ///< `asked`: weight of what was asked for by meaning (~"..."); 0 where the vector is that of the words
  kMeanCosine,  ///< `mean_cosine`: of the query and the mean of all documents' vectors (about 256 are looked at)
  kDimensions,  ///< `dimensions`: of the vectors; chance cosines spread by 1/sqrt(dimensions)
};

/// The candidates of one query, a row each, by ascending docid.
struct VECTERM_API RankingCandidates {
  std::size_t size = 0;
  std::vector<double> bm25;                               ///< `size` rows, or empty
  std::vector<double> cosine;                             ///< `size` rows, or empty
  std::vector<double> votes;                              ///< `size` rows, or empty
  std::vector<double> doclength;                          ///< `size` rows, or empty
  std::vector<char> has_vector;                           ///< `size` rows, or empty where all have one
  std::map<Xapian::valueno, std::vector<double>> values;  ///< `size` rows a slot; a slot that is missing is 0
};

/// What is the same for all candidates of a query.
struct VECTERM_API RankingQuery {
  double saturation = 1;  ///< 1 for a query without words too: bm25/saturation is then 0, where 0/0 would be NaN
  double coverage = 1;
  double words = 0;
  double asked = 0;
  double mean_cosine = 0;
  double dimensions = 0;
  std::map<std::string, double, std::less<>> inputs;      ///< of `input(name)`, by name
  std::map<std::string, double, std::less<>> parameters;  ///< of the names that the expression was compiled with
};

/// One candidate, for evaluation hit by hit.
struct VECTERM_API RankingHit {
  double bm25 = 0;
  double cosine = 0;
  double votes = 0;
  double doclength = 0;
  std::span<const double> values = {};  ///< one a slot, in the order of RankingExpression::slots()
};

/// The numbers from `low` to `high`, both included. REQUIRES: low <= high, both finite.
struct VECTERM_API RankingRange {
  double low = 0;
  double high = std::numeric_limits<double>::max();
};

/// Where the features of all hits lie.
struct VECTERM_API RankingRanges {
  RankingRange bm25;
  RankingRange cosine{-1, 1};
  RankingRange votes;
  RankingRange doclength;
  /// With 0 where some documents have no value. A slot that is missing may hold any number.
  std::map<Xapian::valueno, RankingRange> values;
};

/// What an expression can be at most and at least.
struct VECTERM_API RankingBounds {
  double low = 0;
  double high = 0;
  bool defined = true;  ///< it is never NaN, which would count as 0
};

}  // namespace vecterm
