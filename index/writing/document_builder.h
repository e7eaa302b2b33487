// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <string>

#include "index/writing/corpus.h"
#include "plugin/term_generator.h"

namespace vecterm {

/// Internal: makes Xapian documents of a corpus's documents. The texts of the settings' fields are indexed without
/// prefix, as the tokenizer of the training does it; see plugin/schema.h for the rest. Serves one thread, and keeps a
/// reference to its last document: destroy it before another thread gets that.
class DocumentBuilder {
 public:
  struct Built {
    Xapian::Document document;
    bool has_vector;
  };

  explicit DocumentBuilder(const std::shared_ptr<const DocumentEmbedder>& embedder)
      : settings_(embedder->record().settings), generator_(embedder) {}

  /// @param where  for messages
  /// @throws DataError for metadata that the settings' fields cannot hold
  Built build(const CorpusDocument& source, const std::string& where);

 private:
  const AnalyzerSettings& settings_;
  TermGenerator generator_;
};

}  // namespace vecterm
