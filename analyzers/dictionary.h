// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "errors.h"
#include "hash_space.h"
#include "tokenizer.h"
#include "vector_codec.h"
#include "version.h"

namespace vecterm {

/// A sketch of a set of texts: how many there are, and the smallest of their hashes, so that what share of other texts
/// is among them can be told, without bias and hardly ever wrong (k minimum values; Beyer et al., "On synopses for
/// distinct-value estimation", SIGMOD 2007).
struct VECTERM_API TextSketch {
  static constexpr std::size_t kMost = 65536;

  std::uint64_t size = 0;             ///< distinct texts; an estimate where sketches were put together beyond kMost
  std::vector<std::uint64_t> hashes;  ///< ascending, min(size, kMost) of them

  bool is_part() const { return size > hashes.size(); }
  /// Whether it is as these comments say.
  bool is_sound() const;
  /// Of a text's words; bigrams do not matter.
  static std::uint64_t hash_of(const TermList& terms);
  /// @param hashes  in any order, repeated or not
  static TextSketch of(std::vector<std::uint64_t> hashes);
  /// Of both sets together.
  TextSketch with(const TextSketch& other) const;
  /// The share of texts, by their hashes, that are in the set, in [0, 1]; nothing where there are none, or the set is
  /// empty. Of a part of the set by those texts whose hashes lie in it.
  std::optional<double> share(std::span<const std::uint64_t> texts) const;

  bool operator==(const TextSketch&) const = default;
};

/// What goes into a dictionary file.
struct VECTERM_API DictionaryContents {
  std::size_t dimensions = 0;                 ///< d, in [1, 4096]
  std::vector<std::string> words;             ///< n distinct, non-empty words, in any order
  std::vector<std::uint64_t> counts;          ///< n corpus counts
  std::vector<float> weights;                 ///< n weights in [0, 1]; a stop word has weight 0
  std::vector<float> vectors;                 ///< row-major n x d, finite
  VectorCodec codec = VectorCodec::kFloat32;  ///< how vectors are stored; float32, float16 or int8
  std::shared_ptr<const HashSpace> hash_space;
  NGramKinds ngrams;  ///< which n-grams and pieces stand among the words, spelled as NGram says
  /// Row-major B x d, finite: the component vectors of a hashed dictionary; empty where each word has a vector of its
  /// own. `vectors` is empty in a hashed one.
  std::vector<float> components;
  std::vector<float> mixing;  ///< row-major n x 2 in a hashed dictionary: what a word takes of its two components
  /// How words are split into pieces: a tokenizer.json of Hugging Face's tokenizers, without what does not matter to
  /// that; empty unless ngrams.pieces.
  std::string pieces;
  /// Which queries and items it was learned from, so that judging by them can be recognised; empty = not known.
  TextSketch learned_queries;
  TextSketch learned_items;
  std::string tokenizer;   ///< Tokenizer::name() of what split the training text
  std::string provenance;  ///< JSON object: how it was made, without time, path or thread count
};

/// The embedding dictionary: words (and n-grams, see ngrams.h) with vectors, weights and counts, and the hash space
/// that turns vectors into tokens. The vector of a word holds the sum of its trigrams, too, so that trigrams are added
/// only for words that the dictionary lacks (Embedder). A dictionary of a public embedding model has the pieces of its
/// tokenizer in their stead: a word is the sum of its pieces.
///
/// A hashed dictionary has no vectors but B components; a word's own vector is a mixture of two, which its spelling
/// chooses (components_of), with weights of its own (Svenstrup et al., Hash Embeddings for Efficient Word
/// Representations, NIPS 2017). copy_vector() makes it up, so that others need not know. Immutable, thread-safe;
/// share one among all users by shared_ptr. A file above 64 MiB is mapped, a smaller one is read.
///
/// File format, little-endian. Version 2 is for dictionaries with n-grams, components, pieces or a sketch of what they
/// were learned from, version 1 for all others:
///
///     header, 64 bytes:
///       char magic[8]       "vecterm\x1a"
///       u32  version        1 or 2
///       u32  sections       S, in [1, 64]
///       u64  file_bytes     length of the whole file
///       u8   checksum[16]   XXH3-128 (canonical form) of the section table
///       u8   zero[24]
///     section table, S entries of 48 bytes, in the order below:
///       char tag[4], u32 zero, u64 offset, u64 bytes, u8 checksum[16] (XXH3-128 of the section), u8 zero[8]
///     sections, each at a multiple of 64, zeros between:
///       'HEAD'  u32 dimensions d, u32 codec, u64 words n, u32 tokenizer_bytes, u32 flags, the tokenizer's name;
///               flags: 0 in version 1; in version 2 the sum of 1: has bigrams, 2: has trigrams, 4: hashed,
///               8: has pieces, which has neither trigrams nor is hashed, 16: has a sketch
///       'OFFS'  u32[n+1] start of each word in 'WORD'; words ascend in byte order
///       'WORD'  the words' bytes, without separators
///       'INDX'  u32[2^k], 2^k >= 2n: open-addressing hash table of word number + 1, 0 = free; a word starts at
///               XXH3-64(word) modulo 2^k and goes on upwards
///       'CNTS'  u64[n] counts
///       'WGHT'  f32[n] weights
///       'VECS'  n rows in the codec (see VectorCodec); none where hashed
///       'HASH'  the hash space (see HashSpace)
///       'PROV'  provenance, a JSON object
///       'COMP'  where hashed: B components, rows in the codec, B >= 1
///       'MIXW'  where hashed: f32[2n], for each word the weights of its two components
///       'SEEN'  where there is a sketch: u64 queries, u64 items, u32 q, u32 i, u64[q] hashes of queries, u64[i] of items,
///               each ascending (see TextSketch); a text's hash is XXH3-64 of its words in byte order, each followed by
///               a line end, its wdf in decimal and another line end
///       'PIEC'  where there are pieces: how words are split into them, DictionaryContents::pieces
class VECTERM_API Dictionary {
 public:
  /// Reads or maps a file, and verifies it. Every length is checked before it is used, every checksum is compared and every other
  /// byte must be what the format says, so a truncated file, or one with a single wrong bit, cannot be opened.
  /// While one above 64 MiB is open it must not be changed in place, or the process may end by SIGBUS: rename a new file
  /// over it.
  /// @throws NotFound where there is no file; Damaged naming it, and what is wrong with it; SystemError where the system
  /// refuses
  static std::shared_ptr<const Dictionary> open(const std::string& path);

  /// The same from memory; `name` stands for the file in messages.
  static std::shared_ptr<const Dictionary> parse(std::string bytes, const std::string& name = "dictionary");

  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  std::size_t size() const;
  NGramKinds ngrams() const;
  /// DictionaryContents::pieces.
  std::string_view pieces() const;
  std::size_t dimensions() const;
  VectorCodec codec() const;
  /// B of a hashed dictionary, otherwise 0.
  std::size_t components() const;
  /// Of all size() entries.
  NGramCounts entries() const;
  const HashSpace& hash_space() const;
  std::shared_ptr<const HashSpace> shared_hash_space() const;
  std::string_view tokenizer() const;
  std::string_view provenance() const;

  /// XXH3-128 of everything above: two dictionaries that give a different token or vector for any text have
  /// different fingerprints. 32 lower-case hex digits.
  const std::string& fingerprint() const;

  const TextSketch& learned_queries() const;
  const TextSketch& learned_items() const;

  /// The number of a word, looked up byte by byte, or nothing.
  std::optional<std::uint32_t> find(std::string_view word) const;
  /// REQUIRES for all of these: i < size().
  std::string_view word(std::size_t i) const;
  /// What it stands for; all are words in a dictionary without n-grams.
  NGram kind(std::size_t i) const;
  std::uint64_t count(std::size_t i) const;
  float weight(std::size_t i) const;
  /// Copies row i into `out` (d values): what an embedding takes times the weight, so with a word's trigrams or pieces.
  void copy_vector(std::size_t i, std::span<float> out) const;

  /// The entries that stand for a word which the dictionary lacks, be they there or not: its trigrams, or its pieces, in
  /// their order. None in a dictionary of words and bigrams, and for n-grams.
  std::vector<std::string> subwords_of(std::string_view word) const;

  /// Adds factor * weight * vector of each of these that the dictionary has; whether there is one.
  /// REQUIRES: sum.size() == dimensions()
  bool add_subwords(std::string_view word, double factor, std::span<double> sum) const;

  /// What was written, words in byte order; numbers as the codec gives them back.
  DictionaryContents contents() const;

  /// The file as it stands on disk, for copying.
  std::string_view bytes() const;

 private:
  struct Internal;
  explicit Dictionary(std::unique_ptr<const Internal> internal);

  std::unique_ptr<const Internal> internal_;
};

/// The components of an entry in a hashed dictionary that has `components` of them: XXH3-64 of its bytes with seeds 1
/// and 2, modulo their number. REQUIRES: components > 0
VECTERM_API std::array<std::size_t, 2> components_of(std::string_view entry, std::size_t components);

/// The bytes of a dictionary file. @throws InvalidArgument where the contents do not fit together.
VECTERM_API std::string serialise_dictionary(const DictionaryContents& contents);

/// Writes a dictionary file: to a temporary name beside it, synced, then renamed over `path`, so that a reader
/// sees the old file or the whole new one. @throws InvalidArgument as above, DiskError where writing fails
VECTERM_API void write_dictionary(const std::string& path, const DictionaryContents& contents);

}  // namespace vecterm
