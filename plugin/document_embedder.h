// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "analyzer_settings.h"

namespace vecterm {

/// What makes of the embedding that a document has the one that it should have.
struct VECTERM_API EmbeddingChange {
  std::vector<std::string> removed;  ///< tokens that do not belong, ascending
  std::vector<std::string> added;    ///< tokens that are missing, and the marker, ascending
  std::optional<std::string> value;  ///< for the slot, empty = none; nothing where it is right
  Xapian::valueno slot = 0;
  bool has_vector = false;  ///< once it is made

  /// Whether the document has the embedding that it should have.
  bool empty() const { return removed.empty() && added.empty() && !value; }

  /// Makes it. REQUIRES: the document that it was computed for, as it was
  void make(Xapian::Document& document) const;
};

/// What takes the embedding of a generation away.
VECTERM_API EmbeddingChange removal_of_embedding(const IndexRecord& record, const Xapian::Document& document);

/// Gives documents tokens, marker and vector, from terms (positions for bigrams) alone: indexing, re-indexing and
/// adding embeddings to an index that another program built all go through apply(), so they agree bit for bit.
///
/// Immutable; several threads may use one, each on documents of its own.
class VECTERM_API DocumentEmbedder {
 public:
  /// @throws InvalidArgument where the record is not of this dictionary; Damaged where it names the dictionary with
  ///         another hash space or dimension
  DocumentEmbedder(std::shared_ptr<const Dictionary> dictionary, IndexRecord record);

  /// Sets the tokens, marker and vector of a document that is indexed to those of its raw terms. What stood there of
  /// this hash space and does not belong is removed, and all of other hash spaces, whose generations get their turn
  /// later (reindex). @returns whether the document has a vector
  bool apply(Xapian::Document& document) const;

  /// What apply() would do to a document whose words are as they were; embeddings of other generations stay.
  EmbeddingChange change(const Xapian::Document& document) const;

  /// To be asked by a program that writes each time that it has opened the database: embeddings of two dictionaries
  /// must not be mixed. @throws Conflict where the index has another dictionary or generation than this by now
  void check_is_current(const Xapian::Database& database) const;

  /// An LSH token as a term, with its prefix.
  std::string term(const Bucket& bucket) const;

  const IndexRecord& record() const { return record_; }
  const Embedder& embedder() const { return embedder_; }

 private:
  void remove_others(Xapian::Document& document) const;

  Embedder embedder_;
  IndexRecord record_;
};

/// The record of a new index (generation 0) made with this dictionary.
VECTERM_API IndexRecord new_record(const Dictionary& dictionary, AnalyzerSettings settings = {});

}  // namespace vecterm
