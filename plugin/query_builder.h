// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "document_embedder.h"
#include "query_syntax.h"
#include "xapian_tokenizer.h"

namespace vecterm {

/// A vector and how much it counts in QueryBuilder::combined.
struct VECTERM_API WeightedVector {
  double weight = 1;  ///< finite; negative = away from it
  UnitVector vector;  ///< not zero; scaled to norm 1 where it is not
};

/// Turns what a user wants into Xapian queries and query vectors. Immutable and thread-safe, as long as every
/// thread runs the queries on its own Xapian::Database.
class VECTERM_API QueryBuilder {
 public:
  explicit QueryBuilder(std::shared_ptr<const DocumentEmbedder> embedder);

  /// The words of a text, joined by OR, stemmed as in the index; no operators.
  /// @throws InvalidArgument for a text over kMaxQueryBytes, or with more than kMaxQueryWords that are no stop words:
  ///         Xapian's matcher takes time by their square
  Xapian::Query words(std::string_view text) const;

  /// Takes a text apart that is written in the query language of UserQuery, with the index's metadata fields, stemmer
  /// and stop words.
  /// @param text  UTF-8; ill-formed bytes count as one character each
  /// @throws InvalidArgument for whatever cannot be understood or exceeds a limit, with the column, and for a query
  ///         that looks for nothing: punctuation, operators, stop words or excluded words only
  UserQuery parse_query(std::string_view text) const;

  /// What the embedding of a text is computed from: its words, and their bigrams where the dictionary has such.
  /// @throws InvalidArgument for a text over kMaxQueryBytes
  TermList terms(std::string_view text) const;
  /// The embedding of a text, or nothing where the dictionary has nothing for any of its words.
  /// @throws InvalidArgument for a text over kMaxQueryBytes
  std::optional<UnitVector> vector(std::string_view text) const;
  /// The vector in a document's slot, or of one whose slot has sign bits the embedding of its terms; nothing where the
  /// slot is empty. @throws Damaged where the slot holds something else
  std::optional<UnitVector> vector(const Xapian::Document& document) const;

  /// Several vectors in one: the weighted sum, scaled to norm 1, or nothing where they cancel each other out or there
  /// are none. @throws InvalidArgument for a weight that is not finite, and vectors of different dimensions, not finite
  /// or zero
  static std::optional<UnitVector> combined(std::span<const WeightedVector> vectors);

  /// The share of a text's distinct words for which the dictionary has anything, be it trigrams, in [0, 1]; 0 for no
  /// words.
  /// @throws InvalidArgument for a text over kMaxQueryBytes
  double coverage(std::string_view text) const;

  /// "More like this": the `most` words of an indexed document with the largest wdf * log(N / termfreq).
  Xapian::Query similar_words(const Xapian::Database& database, const Xapian::Document& document,
                              std::size_t most = 25) const;

  /// An n-ary OR of the best probes, to be run under Xapian::CoordWeight: a document's weight is the sum of the
  /// probe weights that it shares.
  /// @param vector  of the dictionary's space, from a text, a document or the host; scaled to norm 1 where it is not
  /// @throws InvalidArgument for a vector of another dimension, not finite or zero
  Xapian::Query tokens(std::span<const float> vector, const ProbeLimits& limits) const;

  /// A boolean term: "name:value" where `name` is a metadata field with a prefix, else the term itself.
  Xapian::Query filter(std::string_view text) const;

  const DocumentEmbedder& embedder() const { return *embedder_; }
  const std::shared_ptr<const DocumentEmbedder>& shared_embedder() const { return embedder_; }

 private:
  std::shared_ptr<const DocumentEmbedder> embedder_;
  XapianTokenizer tokenizer_;
};

}  // namespace vecterm
