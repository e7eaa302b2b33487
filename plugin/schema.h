// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Everything that vecterm writes into a Xapian database, in one table. A stranger can read an index from it.
///
/// Terms of a document:
///
///     (no prefix)           a word as it stands in the text, lower-cased, with positions
///     Z                     a stemmed word (Xapian's STEM_SOME)
///     Q<id>                 unique id; one a document
///     XLSH<space>_<tt>_<bb> LSH token, wdf 0: hash space id, table and bucket in hex (HashSpace::spell)
///     XLSHM<space>          marker, wdf 0: the document has been embedded in this hash space, whether or not it
///                           got a vector
///     <configured prefix>   metadata fields, by the configuration, wdf 0
///
/// Values of a document:
///
///     1001, 1002            vector (encode_value), one slot a generation in turn; another by the configuration
///     <configured slot>     metadata fields, by the configuration
///
/// Data of a document: a JSON object {"id", "title"}.
///
/// Metadata of the database:
///
///     vecterm.index         JSON: what the index was made with (IndexRecord)
///     vecterm.tuning        JSON: which recall needs which limits (Tuning); absent when it was never measured
///     vecterm.profiles      JSON: how hits are ranked (RankingProfiles); absent where none were stored
///     vecterm.cursor        JSON: how far a running indexing run has come; absent when none was interrupted
///     vecterm.generations   JSON: since when embeddings are there, and those beside the serving ones (Generations)
///     vecterm.update        JSON: how far a dictionary update has come (UpdateRecord); absent when none is under way
///     vecterm.changed       the words and n-grams (as NGram spells them) whose documents it is about: of each a u32
///                           length (little-endian) and its bytes
///
/// Files beside the database's own: vecterm-<dictionary fingerprint>.dict, the dictionaries of its generations, and
/// vecterm-<hash space>-<revision>.rows, the sidecar (VectorTable).
namespace vecterm::schema {

inline constexpr std::string_view kIdPrefix = "Q";
inline constexpr std::string_view kTokenPrefix = "XLSH";  ///< default; the configuration may name another
inline constexpr char kMarker = 'M';                      ///< follows the token prefix
inline constexpr unsigned kVectorSlot = 1001;             ///< of even generations; odd ones use the next slot
inline constexpr std::string_view kIndexKey = "vecterm.index";
inline constexpr std::string_view kTuningKey = "vecterm.tuning";
inline constexpr std::string_view kProfilesKey = "vecterm.profiles";
inline constexpr std::string_view kCursorKey = "vecterm.cursor";
inline constexpr std::string_view kGenerationsKey = "vecterm.generations";
inline constexpr std::string_view kUpdateKey = "vecterm.update";
inline constexpr std::string_view kChangedKey = "vecterm.changed";
inline constexpr std::string_view kDictionaryFilePrefix = "vecterm-";
inline constexpr std::string_view kDictionaryFileSuffix = ".dict";
inline constexpr std::string_view kSidecarFileSuffix = ".rows";

/// A term as long as Xapian's limit (245 bytes) takes; ids are checked against it with the prefix and NULs counted
/// double.
inline constexpr unsigned kMaxTermBytes = 245;

/// A raw term is what counts for the embedding: unprefixed, so it does not begin with an ASCII capital.
inline bool is_raw_term(std::string_view term) { return !term.empty() && (term[0] < 'A' || term[0] > 'Z'); }

/// Follows all terms that begin with an ASCII capital, in byte order.
inline constexpr std::string_view kAfterPrefixes = "[";

/// The unique-id term of a document.
inline std::string id_term(std::string_view id) { return std::string(kIdPrefix).append(id); }

}  // namespace vecterm::schema
