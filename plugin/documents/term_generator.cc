// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/term_generator.h"

#include "analyzers/text/segmenter.h"

namespace vecterm {

TermGenerator::TermGenerator(std::shared_ptr<const DocumentEmbedder> embedder) : embedder_(std::move(embedder)) {
  const AnalyzerSettings& settings = embedder_->record().settings;
  generator_.set_stemmer(settings.stem());
  generator_.set_stemming_strategy(Xapian::TermGenerator::STEM_SOME);
  if (auto stopper = settings.stopper()) generator_.set_stopper(stopper.release()->release());
}

void TermGenerator::set_document(const Xapian::Document& document) {
  document_ = document;
  generator_.set_document(document);
  generator_.set_termpos(0);
}

const Xapian::Document& TermGenerator::get_document() const { return document_; }

void TermGenerator::set_stemmer(const Xapian::Stem& stemmer) { generator_.set_stemmer(stemmer); }

void TermGenerator::set_stopper(const Xapian::Stopper* stopper) { generator_.set_stopper(stopper); }

void TermGenerator::index_text(std::string_view text, Xapian::termcount wdf_inc, std::string_view prefix) {
  generator_.index_text(segmented(text), wdf_inc, std::string(prefix));
}

void TermGenerator::index_text_without_positions(std::string_view text, Xapian::termcount wdf_inc,
                                                 std::string_view prefix) {
  generator_.index_text_without_positions(segmented(text), wdf_inc, std::string(prefix));
}

void TermGenerator::increase_termpos(Xapian::termcount delta) { generator_.increase_termpos(delta); }

bool TermGenerator::add_embedding() { return embedder_->apply(document_); }

}  // namespace vecterm
