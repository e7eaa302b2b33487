// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/hash_space.h"
#include "../analyzers/version.h"
#include "ranking_profile.h"

/// What a search is asked, what it answers, and what is known of its recall.
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

/// How hits are found, ranked and chosen, whether a program asks by queries (SearchRequest) or by what a user typed
/// (TextQuery).
struct VECTERM_API SearchOptions {
  std::size_t k = 10;      ///< hits wanted, [1, 1000000]
  std::size_t offset = 0;  ///< hits left out at the top, for paging with the same k, [0, 1000000]

  /// Empty = bm25 for words alone, cosine for a vector alone; for both default_profile(), or of an Index its profile
  /// "default".
  std::shared_ptr<const Ranking> ranking;
  std::map<std::string, double, std::less<>> inputs;  ///< of input(name) in ranking expressions
  std::optional<double> min_score;                    ///< hits below are left out; finite
  std::optional<double> min_cosine;                   ///< hits must have a vector at least so near, [-1, 1]; of those
                                                      ///< found by tokens, as far as `recall` goes
  std::optional<Xapian::valueno> collapse;            ///< of documents with the same value here only the best is a hit
  bool count_all = false;                             ///< count every match (SearchReport::matches): slower

  std::optional<double> recall;           ///< wanted, (0, 1], of a tuned index; nothing = what tuning aims at, or
                                          ///< HashSpace::default_limits(). Not together with probes or reach
  std::optional<std::size_t> probes;      ///< most buckets looked into, at least 1; nothing = by `recall`. Faiss calls
                                          ///< it nprobe
  std::optional<double> reach;            ///< ProbeLimits::reach, at least 0; nothing = by `recall`, or no limit where
                                          ///< probes are given
  Plan plan = Plan::kAuto;                ///< how the vector's candidates are found
  std::optional<std::size_t> candidates;  ///< plain-terms plan: documents that each side hands to the merge, at least
                                          ///< as many as are ranked; nothing = 1000. Elasticsearch: num_candidates
  std::size_t exact_below = 10000;  ///< fewer documents to choose from than this: all are compared, no tokens read

  /// @throws InvalidArgument naming the option, its bounds and the value met
  void check() const;
};

/// What to look for, and how to rank it.
struct VECTERM_API SearchRequest : SearchOptions {
  Xapian::Query words;                 ///< from QueryBuilder, or any weighted Xapian query; empty = none
  std::optional<UnitVector> vector;    ///< of a text, a document, or the host's own: finite, not zero;
                                       ///< scaled to norm 1 where it is not, so that cosines lie in [-1, 1]
  Xapian::Query filter;                ///< hits must match it too; empty = all
  std::vector<Xapian::docid> exclude;  ///< no hits ("more like this" leaves out the document itself)

  double coverage = 1;  ///< share of the query's words that have vectors, [0, 1]
  /// Weight of what the user asked for by meaning beside the words, so that asked * cosine is the weighted sum of the
  /// parts' cosines: the norm of the sum that `vector` is the unit of. 0 = the vector is that of the words themselves.
  double asked = 0;
  bool features = false;  ///< fill in Hit::features
};

/// An LSH token that a query and a document have in common.
struct VECTERM_API SharedToken {
  std::string term;       ///< with its prefix
  std::size_t table = 0;  ///< of the hash space

  bool operator==(const SharedToken&) const = default;
};

/// One result.
struct VECTERM_API Hit {
  Xapian::docid docid = 0;
  double score = 0;           ///< the ranking expression's value, which the hits are ordered by
  double bm25 = 0;            ///< weight of the words, 0 where none matches
  double cosine = 0;          ///< exact cosine, 0 where the document or the query has no vector
  std::size_t collapsed = 0;  ///< documents with the same value that were met and left out
  std::vector<std::pair<std::string, double>> features;  ///< every variable of ranking expressions, where asked for
};

/// The plan that was chosen, and why.
struct VECTERM_API PlanChoice {
  Plan plan = Plan::kAuto;
  std::string reason;  ///< for people
};

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

/// What searching with some limits was seen to find and to cost, as means over a sample of queries.
struct VECTERM_API TuningPoint {
  ProbeLimits limits{0};
  double recall = 0;        ///< share of the k nearest documents that were found
  double probes = 0;        ///< buckets a query
  double postings = 0;      ///< documents read a query: of the buckets, and all where these had too few
  double candidates = 0;    ///< distinct documents a query
  double microseconds = 0;  ///< median CPU time of a query, which depends on the machine

  /// About how long such a query takes: 1.8 us a bucket and 15 ns a posting, measured on 64 thousand documents
  /// (tests/bench/ann). The same on every machine, unlike the time that was measured.
  double cost() const { return 1.8 * probes + 0.015 * postings; }
};

/// Which recall needs which limits, as measured on an index (vecterm tune): the metadata entry vecterm.tuning.
struct VECTERM_API Tuning {
  std::string hash_space;   ///< id; it says nothing about another hash space
  double target = 0;        ///< recall that searches aim at unless they say otherwise, (0, 1]
  std::size_t k = 10;       ///< recall is that of the k nearest
  std::size_t queries = 0;  ///< in the sample
  /// By rising cost(). Of two kinds: with the same `most` and a rising reach, and without a reach and a rising `most`.
  std::vector<TuningPoint> curve;

  /// The cheapest point with at least this recall. @throws InvalidArgument for a recall outside of (0, 1] or beyond
  /// every point
  const TuningPoint& at(double recall) const;

  /// The recall to expect of limits that lie between two points of one kind, by interpolation; else nothing.
  std::optional<double> estimate(const ProbeLimits& limits) const;

  /// As JSON, and back. @throws Damaged where the text is no tuning
  std::string to_json() const;
  static Tuning from_json(std::string_view json);

  /// The tuning of a database (of several, the first one's), or nothing where there is none for this hash space.
  static std::optional<Tuning> read(const Xapian::Database& database, std::string_view hash_space);
  void write(Xapian::WritableDatabase& database) const;
};

}  // namespace vecterm
