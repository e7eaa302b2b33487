// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "plugin/document_embedder.h"

namespace vecterm {

/// Internal: what became of documents that were looked at, or would become of them.
struct EditCounts {
  std::uint64_t documents = 0;       ///< looked at
  std::uint64_t vectors = 0;         ///< of those, how many have a vector afterwards
  std::uint64_t edited = 0;          ///< others had what they should have
  std::uint64_t tokens_removed = 0;  ///< markers, too
  std::uint64_t tokens_added = 0;
  std::uint64_t bytes = 0;  ///< of these tokens and of the vectors that changed

  void add(const EmbeddingChange& change);
  EditCounts& operator+=(const EditCounts& other);
};

/// Internal: what is to be done to a document. Called from several threads at once.
using ChangeFunction = std::function<EmbeddingChange(const Xapian::Document&)>;

/// Internal: computes what is to be done to documents on several threads, from the database at `path` as it was last
/// committed, and hands it to `take` one document after another, from the caller's thread. Documents that are not there
/// are left out.
void compute_changes(const std::string& path, std::span<const Xapian::docid> docids, const ChangeFunction& change,
                     unsigned threads, const std::function<void(Xapian::docid, const EmbeddingChange&)>& take);

/// Internal: the documents that have one of the words, and those that lack `marker`, ascending.
std::vector<Xapian::docid> documents_with(const Xapian::Database& database, const std::vector<std::string>& words);
std::vector<Xapian::docid> documents_without(const Xapian::Database& database, const std::string& marker);

/// Internal: the documents that entries of a dictionary may touch, ascending: of a word those that have it, of a bigram
/// those that have both words, of a trigram or a piece those that have a word with it that `dictionary` lacks. Where the entries
/// are all those in which it differs from another one, every document has the same embedding by both but these: a word
/// that both know holds its trigrams, and one that only one of them knows is an entry itself.
/// @param entries  ascending
std::vector<Xapian::docid> documents_touched(const Xapian::Database& database, const std::vector<std::string>& entries,
                                             const Dictionary& dictionary);

}  // namespace vecterm
