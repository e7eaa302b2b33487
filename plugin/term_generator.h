// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <string_view>

#include "../analyzers/version.h"
#include "document_embedder.h"

namespace vecterm {

/// Xapian::TermGenerator with embeddings: index text as ever, then call add_embedding() once a document.
///
///     vecterm::TermGenerator generator(embedder);
///     generator.set_document(document);
///     generator.index_text(title);
///     generator.increase_termpos();
///     generator.index_text(text);
///     generator.add_embedding();
///     database.add_document(document);
///
/// Words are indexed as Xapian's own TermGenerator does with STEM_SOME and the settings' stemmer and stopper, after
/// segmented(). Not thread-safe; the embedder may be shared.
class VECTERM_API TermGenerator {
 public:
  explicit TermGenerator(std::shared_ptr<const DocumentEmbedder> embedder);

  /// As in Xapian: the document that the following calls add to.
  void set_document(const Xapian::Document& document);
  const Xapian::Document& get_document() const;
  void set_stemmer(const Xapian::Stem& stemmer);
  /// The stopper must outlive the generator unless it was released to Xapian.
  void set_stopper(const Xapian::Stopper* stopper);

  /// Adds words with positions. Only unprefixed text counts for the embedding.
  void index_text(std::string_view text, Xapian::termcount wdf_inc = 1, std::string_view prefix = {});
  void index_text_without_positions(std::string_view text, Xapian::termcount wdf_inc = 1, std::string_view prefix = {});
  void increase_termpos(Xapian::termcount delta = 100);

  /// Adds tokens, marker and vector for the words that the document has now. Calling it again replaces them.
  /// @returns whether the document has a vector
  bool add_embedding();

 private:
  std::shared_ptr<const DocumentEmbedder> embedder_;
  Xapian::TermGenerator generator_;
  Xapian::Document document_;
};

}  // namespace vecterm
