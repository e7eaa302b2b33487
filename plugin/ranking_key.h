// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "document_embedder.h"
#include "ranking_expression.h"

namespace vecterm {

/// Sorts a Xapian::Enquire by an expression over `cosine`, `distance`, `closeness`, `value(slot)` and the query's
/// constants, best first with set_sort_by_key(&maker, true): the key is the value by Xapian::sortable_serialise. Xapian
/// asks for a key of every document that matches, so a filter in front of it pays. For local databases; one serves one
/// thread.
class VECTERM_API RankingKeyMaker : public Xapian::KeyMaker {
 public:
  /// @param unit  the query vector
  /// @throws InvalidArgument for a vector of another dimension, an input or parameter that `query` does not have, and
  /// an expression that uses bm25, votes, doclength or other candidates
  RankingKeyMaker(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit,
                  const RankingExpression& expression, const RankingQuery& query = {});

  /// @throws Damaged where the document's vector is
  std::string operator()(const Xapian::Document& document) const override;

 private:
  std::shared_ptr<const DocumentEmbedder> embedder_;
  UnitVector unit_;
  RankingExpression expression_;
  mutable RankingEvaluator evaluator_;  ///< Xapian makes keys by const objects
};

/// Counts the documents that a matcher looks at by their cosine, to see how far a query's vector and words agree. A
/// matcher looks at all matches only where get_mset() has a `checkatleast` of the database's size. For local databases:
/// merging the counts of remote ones is not offered.
class VECTERM_API CosineSpy : public Xapian::MatchSpy {
 public:
  static constexpr std::size_t kBins = 20;

  /// @throws InvalidArgument for a query vector of another dimension
  CosineSpy(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit);

  void operator()(const Xapian::Document& document, double weight) override;
  std::string get_description() const override { return "CosineSpy"; }

  /// bins()[i] = documents with a cosine in [-1 + i/10, -1 + (i+1)/10); the last one with 1, too.
  const std::array<Xapian::doccount, kBins>& bins() const { return bins_; }
  Xapian::doccount without_vector() const { return without_vector_; }
  /// The largest cosine, or nothing where no document had a vector.
  std::optional<double> largest() const { return largest_; }

 private:
  std::shared_ptr<const DocumentEmbedder> embedder_;
  UnitVector unit_;
  std::array<Xapian::doccount, kBins> bins_{};
  Xapian::doccount without_vector_ = 0;
  std::optional<double> largest_;
};

}  // namespace vecterm
