// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <memory>
#include <string>
#include <vector>

#include "plugin/query_builder.h"
#include "plugin/term_generator.h"
#include "tests/support/dictionary.h"

/// Databases in memory, made through the plugin alone.
namespace vecterm::test {

inline std::shared_ptr<const DocumentEmbedder> embedder_of(std::shared_ptr<const Dictionary> dictionary,
                                                           AnalyzerSettings settings = {}) {
  IndexRecord record = new_record(*dictionary, std::move(settings));
  return std::make_shared<DocumentEmbedder>(std::move(dictionary), std::move(record));
}

/// Words "w0" to "w<n-1>".
inline std::vector<std::string> numbered_words(std::size_t n) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < n; ++i) words.push_back("w" + std::to_string(i));
  return words;
}

/// A text of `length` words drawn from numbered_words(words), low numbers more often.
inline std::string random_text(Random& random, std::size_t words, std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text += "w" + std::to_string(random.below(1 + random.below(words))) + " ";
  return text;
}

inline Xapian::WritableDatabase index_of(const std::vector<std::string>& texts,
                                         const std::shared_ptr<const DocumentEmbedder>& embedder) {
  Xapian::WritableDatabase database(std::string(), Xapian::DB_BACKEND_INMEMORY);
  TermGenerator generator(embedder);
  for (const std::string& text : texts) {
    Xapian::Document document;
    generator.set_document(document);
    generator.index_text(text);
    generator.add_embedding();
    database.add_document(document);
  }
  embedder->record().write(database);
  return database;
}

}  // namespace vecterm::test
