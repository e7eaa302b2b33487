// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "analyzers/base/byte_reader.h"
#include "analyzers/training/word_vectors.h"

/// The formats behind read_word_vectors(), each in a file of its own. Internal. All throw as it does.
namespace vecterm {

class SubwordTokenizer;

WordVectors read_word2vec_text(ByteReader bytes, const WordVectorOptions& options);
WordVectors read_word2vec_binary(ByteReader bytes, const WordVectorOptions& options);
WordVectors read_fasttext_model(ByteReader bytes, const WordVectorOptions& options);
/// Of a model over a subword tokenizer: rows are those of its pieces, words the sums of theirs.
WordVectors read_static_model(ByteReader bytes, const SubwordTokenizer& tokenizer, const WordVectorOptions& options);
WordVectors read_safetensors(ByteReader bytes, const WordVectorOptions& options);

/// The first line of both formats of word2vec.
struct Word2vecHeader {
  std::uint64_t count;
  std::uint64_t dimensions;
};

/// Nothing where the line is not two whole numbers.
std::optional<Word2vecHeader> parse_word2vec_header(std::string_view line);

/// Whether a file that begins with `start` can be word2vec binary: a first line, and behind the first word bytes that
/// are no text.
bool looks_like_word2vec_binary(std::string_view start);

/// The first four bytes of a fastText model, little-endian.
constexpr std::uint32_t kFastTextMagic = 793712314;

}  // namespace vecterm
