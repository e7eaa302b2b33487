// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <xapian.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../analyzers/errors.h"
#include "../analyzers/vector_codec.h"
#include "../analyzers/version.h"
#include "schema.h"

namespace vecterm {

/// A text field of documents that counts: its key in a line of a corpus, and what each of its words adds to its wdf
/// (Xapian's wdf_inc).
struct VECTERM_API DocumentField {
  std::string name;
  std::uint32_t weight = 1;  ///< in [1, 1000]

  bool operator==(const DocumentField&) const = default;

  /// "queries" or, with its weight, "queries:3"; and back.
  /// @throws InvalidArgument for a weight that is no whole number in its range, and as check_fields
  std::string text() const;
  static DocumentField parse(std::string_view text);
};

using DocumentFields = std::vector<DocumentField>;

/// Title and text, once each.
VECTERM_API DocumentFields default_fields();

/// @throws InvalidArgument where there is no field, one is there twice, has no name, a weight out of range, or the name
///         of a key that holds no text: "_id", "metadata"
VECTERM_API void check_fields(const DocumentFields& fields);

/// "title:2,text"
VECTERM_API std::string fields_text(const DocumentFields& fields);

/// How one metadata field of a document is indexed. A list of values gives a term each; the value slot takes the
/// first.
struct VECTERM_API MetadataField {
  std::string name;                     ///< key in the document's metadata
  std::string prefix;                   ///< boolean term prefix, for example "XSECTION"; empty = no terms
  std::optional<Xapian::valueno> slot;  ///< value slot; none = no value
  bool number = false;                  ///< value stored by Xapian::sortable_serialise

  bool operator==(const MetadataField&) const = default;

  /// The boolean term of a value: prefix and value, with a colon between them where the value begins with a capital
  /// letter or a colon (Xapian's convention for prefixes of several letters).
  std::string term(std::string_view value) const;
};

/// Every choice of analysis; stored in the index, so that searching needs no configuration.
struct VECTERM_API AnalyzerSettings {
  std::string stemmer = "en";           ///< a language of Xapian::Stem, or "none"
  std::vector<std::string> stop_words;  ///< not stemmed at indexing time and dropped from queries
  std::string token_prefix{schema::kTokenPrefix};
  Xapian::valueno slot = schema::kVectorSlot;  ///< of generation 0; generation 1 uses slot + 1
  VectorCodec codec = VectorCodec::kFloat16;   ///< of the vectors in the slot
  DocumentFields fields = default_fields();    ///< that make up a document's words, in this order
  std::vector<MetadataField> metadata;

  bool operator==(const AnalyzerSettings&) const = default;

  /// @throws InvalidArgument naming the setting: an unknown stemmer, a prefix that is not capital ASCII letters
  ///         beginning with X, slots used twice, a reserved slot, fields as check_fields
  void check() const;

  /// Xapian's stemmer for `stemmer`; one that does nothing for "none".
  Xapian::Stem stem() const;
  /// Xapian's stopper for `stop_words`, or null where there are none.
  std::unique_ptr<Xapian::SimpleStopper> stopper() const;
};

/// What an index was made with: the metadata entry vecterm.index.
struct VECTERM_API IndexRecord {
  std::string dictionary;  ///< fingerprint
  std::string hash_space;  ///< id, as in the tokens
  std::size_t dimensions = 0;
  unsigned generation = 0;  ///< counts hash spaces of this index; modulo 16 in slot values
  AnalyzerSettings settings;

  Xapian::valueno slot() const { return settings.slot + generation % 2; }
  /// Of the generation before and after this one.
  Xapian::valueno other_slot() const { return settings.slot + (generation + 1) % 2; }
  std::string marker() const { return settings.token_prefix + schema::kMarker + hash_space; }
  /// What the tokens begin with.
  std::string token_start() const { return settings.token_prefix + hash_space + '_'; }

  bool operator==(const IndexRecord&) const = default;

  /// The record as JSON, and back. @throws Damaged where the text is not such a record
  std::string to_json() const;
  static IndexRecord from_json(std::string_view json);

  /// The record of a database, or nothing where vecterm never wrote to it.
  static std::optional<IndexRecord> read(const Xapian::Database& database);
  void write(Xapian::WritableDatabase& database) const;
};

/// The id of the hash space that an LSH token or a marker belongs to; empty where `term` is neither, for example of a
/// named space with a longer prefix.
VECTERM_API std::string_view hash_space_of(std::string_view term, std::string_view token_prefix);

/// The LSH tokens and markers of a document, of whatever hash space, ascending.
VECTERM_API std::vector<std::string> tokens_of(const Xapian::Document& document, const std::string& token_prefix);

}  // namespace vecterm
