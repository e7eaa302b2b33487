// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

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
#include "documents/vector_reader.h"
#include "ranking_expression.h"

namespace vecterm {

/// Where the features of a local database's documents lie, by the bounds that the database keeps: `slots` hold numbers
/// of Xapian::sortable_serialise. Cosines may pass 1 by as much as stored vectors are rounded.
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
  /// @param unit  the query vector
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

}  // namespace vecterm
