// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <optional>
#include <string>
#include <vector>

#include "../analyzers/embedding.h"
#include "../analyzers/errors.h"
#include "../analyzers/version.h"
#include "document_embedder.h"

namespace vecterm {

/// What a query vector was made of: the sum of weight * embedding over the parts, scaled to norm 1. For a plain text
/// it is
///
///     QueryMeaning{{{.terms = builder.terms(text)}}, *builder.vector(text)}
struct VECTERM_API QueryMeaning {
  struct Part {
    std::string label = {};  ///< of a part without terms: what its share is shown as
    double weight = 1;       ///< finite; negative leads away from it
    TermList terms =
        {};  ///< of a text, as QueryBuilder::terms() gives them; empty for the vector of a document or of the host
    UnitVector unit = {};  ///< the vector of a part without terms; left alone otherwise
  };

  std::vector<Part> parts;
  UnitVector unit;  ///< as searches take it; empty where the query has no vector
};

/// A word, or a bigram ("text editor") that the dictionary has, and its share of a cosine; negative where it draws the
/// two apart.
struct VECTERM_API WordShare {
  std::string word;  ///< as in the index: lower-cased, not stemmed
  double share = 0;
};

/// A cosine taken apart twice: by the words of the query, and by those of the document. An embedding is a sum over
/// words, so its cosine with another vector is one too. This is exact, and not what the cosine would lose without the
/// word: that would change the scaling to norm 1 for all other words as well.
///
/// Shares of a side and its rounding sum to the cosine. They are in falling order, equal ones by word. A word that
/// stands in several parts of the query has one share. A word that the dictionary does not know has that of its
/// trigrams, where it has such, or none.
struct VECTERM_API CosineExplanation {
  double cosine = 0;             ///< as searches give it: the query's float vector times the value in the slot
  std::vector<WordShare> query;  ///< words, and parts without terms under their labels
  /// What rounding the query vector to float moved: about 1e-7, more where parts all but cancel each other.
  double query_rounding = 0;
  std::vector<WordShare> document;  ///< raw terms, and bigrams
  /// What rounding the stored vector moved: at most about 1e-7 for float32, 5e-4 for float16, sqrt(d)/254 for int8, and
  /// anything for sign bits. More means that the slot's vector is not that of the document's terms.
  double document_rounding = 0;
  std::vector<std::string> unknown;  ///< words of the query without any vector, in byte order
};

/// Why a document is as near to a query as it is, or nothing where either has no vector. The document's database must
/// have term lists. Vectors of the query are scaled to norm 1 where they are not.
/// @throws InvalidArgument for a vector of another dimension, not finite or zero, and a weight that is not finite;
///         Damaged where the slot holds something else than a vector of the index
VECTERM_API std::optional<CosineExplanation> explain_cosine(const DocumentEmbedder& embedder, const QueryMeaning& asked,
                                                            const Xapian::Document& document);

}  // namespace vecterm
