// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/tokenizer.h"
#include "analyzers/version.h"
#include "plugin/analyzer_settings.h"

namespace vecterm {

/// One document of a corpus.
struct VECTERM_INTERNAL_API CorpusDocument {
  std::string id;
  std::string title;
  std::string text;
  /// Key and values; numbers and booleans as JSON spells them; nested objects are left out.
  std::vector<std::pair<std::string, std::vector<std::string>>> metadata;

  /// Other texts: those of the fields that parse_corpus_line() was asked for and found, with all their values.
  std::vector<std::pair<std::string, std::vector<std::string>>> others;

  /// The texts of the fields in their order, with their weights. Each value of a list is a text of its own; a field
  /// that the document does not have gives none. Views into the document.
  std::vector<TextField> texts(const DocumentFields& fields) const;
};

/// Parses a line of a corpus in BEIR's layout: a JSON object with "_id" (a string or a whole number), and optionally
/// "title", "text" (strings or null), "metadata" (an object) and any other fields (a string, a list of strings or
/// null).
/// @param where   "corpus.jsonl, line 12", for messages
/// @param fields  what to read beside title and text
/// @throws DataError saying what is wrong: no JSON, no object, no "_id", an empty id, an id whose term would be over
///         Xapian's limit (schema::kMaxTermBytes), one of `fields` of another type
VECTERM_INTERNAL_API CorpusDocument parse_corpus_line(std::string_view line, const std::string& where,
                                                      const DocumentFields& fields = default_fields());

/// An evaluation query: {"_id", "text"}.
struct CorpusQuery {
  std::string id;
  std::string text;
};
VECTERM_INTERNAL_API std::vector<CorpusQuery> read_queries(const std::string& path);

/// A judgement: query, document, score. From TSV with or without the header "query-id corpus-id score".
struct Judgement {
  std::string query;
  std::string document;
  double score = 0;
};
VECTERM_INTERNAL_API std::vector<Judgement> read_judgements(const std::string& path);

}  // namespace vecterm
