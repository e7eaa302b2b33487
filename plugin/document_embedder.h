// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <string>

#include "../analyzers/embedding.h"
#include "../analyzers/export.h"
#include "analyzer_settings.h"

namespace vecterm {

/// Gives documents their tokens, marker and vector, from their term lists alone: indexing, re-indexing and adding
/// embeddings to an index that another program built all go through apply(), so they agree bit for bit.
///
/// Immutable; several threads may use one, each on documents of its own.
class VECTERM_API DocumentEmbedder {
 public:
  /// @throws InvalidArgument where the record is not of this dictionary; DataError where it names the dictionary with
  ///         another hash space or dimension
  DocumentEmbedder(std::shared_ptr<const Dictionary> dictionary, IndexRecord record);

  /// Sets the tokens, marker and vector of `document` to those of its raw terms. What stood there of this hash
  /// space and does not belong is removed. @returns whether the document has a vector
  bool apply(Xapian::Document& document) const;

  /// An LSH token as a term, with its prefix.
  std::string term(const Bucket& bucket) const;

  const IndexRecord& record() const { return record_; }
  const Embedder& embedder() const { return embedder_; }

 private:
  Embedder embedder_;
  IndexRecord record_;
};

/// The record of a new index (generation 0) made with this dictionary.
VECTERM_API IndexRecord new_record(const Dictionary& dictionary, AnalyzerSettings settings = {});

}  // namespace vecterm
