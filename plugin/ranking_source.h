// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "document_embedder.h"
#include "ranking_expression.h"

/// Ranking inside Xapian's own matcher: as weights of a posting source, as sort keys, and counted by a match spy.
namespace vecterm {

class VectorReader;

/// Where the features of a local database's documents lie, by the bounds that the database keeps: `slots` hold numbers
/// of Xapian::sortable_serialise. Cosines lie in [-1, 1].
VECTERM_API RankingRanges ranking_ranges(const Xapian::Database& database, std::span<const Xapian::valueno> slots);

/// A posting source that weighs documents by an expression over `cosine`, `distance`, `closeness`, `value(slot)`,
/// `doclength` and the query's constants; it matches every document, or those with a minimum cosine. For
/// Xapian::Enquire on local databases, added to words in three lines:
///
///     RankingSource source(database, embedder, *builder.vector(text), RankingExpression::compile("8 * closeness"));
///     const Xapian::Query words = builder.words(text);
///     enquire.set_query(Xapian::Query(Xapian::Query::OP_AND_MAYBE, words, Xapian::Query(&source)));
///
/// Matchers take no negative weights: offset() is added to every value, so the order is that of the values. The matcher
/// leaves documents out early by the bounds of the expression, so the fewer numbers it can be, the quicker the search.
/// One source serves one thread; it must outlive the query (or be handed over by release()).
class VECTERM_API RankingSource : public Xapian::PostingSource {
 public:
  /// Makes what reads the vectors of one shard.
  using ReaderFactory = std::function<std::shared_ptr<VectorReader>(const Xapian::Database&)>;

  /// Values may be this far below 0. A double that holds a larger offset has too few digits left to tell weights apart.
  static constexpr double kMaxOffset = 1e12;

  /// @param database  all shards that will be searched: the offset must be the same in each
  /// @param unit  the query vector, scaled to norm 1 where it is not; empty = none, and every cosine is 0
  /// @param minimum_cosine  [-1, 1]: others, and documents without a vector, do not match. Nothing = all match
  /// @param readers  nothing = SlotVectorReader
  /// @throws InvalidArgument for a number or vector out of its bounds, an input or parameter that `query` does not
  /// have, and an expression that uses bm25, votes or other candidates, or whose values may be under -kMaxOffset
  RankingSource(const Xapian::Database& database, std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit,
                RankingExpression expression, RankingQuery query = {}, std::optional<double> minimum_cosine = {},
                ReaderFactory readers = {});
  ~RankingSource() override;

  /// What a document's weight has beyond its value; 0 where no value can be negative.
  double offset() const;

  Xapian::PostingSource* clone() const override;
  /// Opens the shard's vectors and sets the largest weight by the shard's own bounds.
  void init(const Xapian::Database& shard) override;

  Xapian::doccount get_termfreq_min() const override;
  Xapian::doccount get_termfreq_est() const override;
  Xapian::doccount get_termfreq_max() const override;

  void next(double min_weight) override;
  void skip_to(Xapian::docid docid, double min_weight) override;
  /// Looks at one document, where skip_to() would read vectors up to the next one that matches.
  bool check(Xapian::docid docid, double min_weight) override;
  bool at_end() const override;
  Xapian::docid get_docid() const override;
  double get_weight() const override;
  std::string get_description() const override;

 private:
  struct Plan;
  struct Position;
  explicit RankingSource(std::shared_ptr<const Plan> plan);

  std::shared_ptr<const Plan> plan_;    ///< what clones share
  std::unique_ptr<Position> position_;  ///< in one shard; from init() on
};

/// Sorts a Xapian::Enquire by an expression over `cosine`, `distance`, `closeness`, `value(slot)` and the query's
/// constants, best first with set_sort_by_key(&maker, true): the key is the value by Xapian::sortable_serialise. Xapian
/// asks for a key of every document that matches, so a filter in front of it pays. For local databases; one serves one
/// thread.
class VECTERM_API RankingKeyMaker : public Xapian::KeyMaker {
 public:
  /// @param unit  the query vector, scaled to norm 1 where it is not
  /// @throws InvalidArgument for a vector of another dimension, not finite or zero, an input or parameter that `query` does not have, and
  /// an expression that uses bm25, votes, doclength or other candidates
  RankingKeyMaker(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit,
                  const RankingExpression& expression, const RankingQuery& query = {});
  ~RankingKeyMaker() override;

  /// @throws DataError where the document's vector is damaged
  std::string operator()(const Xapian::Document& document) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Counts the documents that a matcher looks at by their cosine, to see how far a query's vector and words agree. A
/// matcher looks at all matches only where get_mset() has a `checkatleast` of the database's size. For local databases:
/// merging the counts of remote ones is not offered.
class VECTERM_API CosineSpy : public Xapian::MatchSpy {
 public:
  static constexpr std::size_t kBins = 20;

  /// @param unit  the query vector, scaled to norm 1 where it is not
  /// @throws InvalidArgument for a query vector of another dimension, not finite or zero
  CosineSpy(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit);
  ~CosineSpy() override;

  void operator()(const Xapian::Document& document, double weight) override;
  std::string get_description() const override { return "CosineSpy"; }

  /// bins()[i] = documents with a cosine in [-1 + i/10, -1 + (i+1)/10); the last one with 1, too.
  const std::array<Xapian::doccount, kBins>& bins() const;
  Xapian::doccount without_vector() const;
  /// The largest cosine, or nothing where no document had a vector.
  std::optional<double> largest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vecterm
