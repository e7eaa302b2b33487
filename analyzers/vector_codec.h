// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "errors.h"
#include "version.h"

namespace vecterm {

/// Vectors of words, documents and hash spaces have at most so many dimensions.
inline constexpr std::uint32_t kMostDimensions = 4096;

/// How the numbers of a vector are stored. The values are persistent.
///
/// Sign bits are the signs after layer normalisation (Zhai, Wu, Tzeng, Park, Rosenberg, "Learning a Unified Embedding
/// for Visual Search at Pinterest", KDD 2019): a bit says whether a number is above the mean of the vector's numbers,
/// so the vector's length does not matter. They serve vectors of 256 dimensions and more; of fewer, the bits say too
/// little. All bits of a vector whose numbers are all the same are 0.
enum class VectorCodec : std::uint8_t {
  kFloat32 = 0,   ///< 4 bytes a dimension, IEEE 754, little-endian
  kFloat16 = 1,   ///< 2 bytes a dimension, IEEE 754, rounded to nearest even, little-endian
  kInt8 = 2,      ///< float32 scale, then one signed byte a dimension; value = scale * byte
  kSignBits = 3,  ///< 1 bit a dimension, lowest bit first, set = above the mean; decodes to +-1/sqrt(d)
};

/// The names of all codecs: "float32", "float16", "int8", "sign".
VECTERM_API std::vector<std::string> codec_names();
VECTERM_API std::string_view codec_name(VectorCodec codec);
/// @throws InvalidArgument for any other name.
VECTERM_API VectorCodec codec_from_name(std::string_view name);

/// Whether a number is that of a codec in which dictionaries store rows: all but sign bits.
VECTERM_API bool is_dictionary_codec(std::uint32_t number);
/// The names of these.
VECTERM_API std::vector<std::string> dictionary_codec_names();

/// The largest magnitude that a number may have: 65504 for float16, otherwise any.
VECTERM_API float largest_number(VectorCodec codec);

/// Whether a stored vector says where its neighbours lie. Sign bits say how near a query is, but not well enough where
/// to look; the vector is then computed anew from the document's words.
VECTERM_API bool leads_to_neighbours(VectorCodec codec);

/// Bytes of one stored row of `dimensions` numbers.
VECTERM_API std::size_t row_bytes(VectorCodec codec, std::size_t dimensions);

/// Appends one stored row to `out`.
VECTERM_API void append_row(VectorCodec codec, std::span<const float> vector, std::string& out);
/// Decodes one row. REQUIRES: row.size() == row_bytes(codec, out.size()).
VECTERM_API void decode_row(VectorCodec codec, std::string_view row, std::span<float> out);

/// A vector as it stands in a value slot: one byte (codec in the low four bits, generation modulo 16 in the
/// high four), then the row.
VECTERM_API std::string encode_value(VectorCodec codec, unsigned generation, std::span<const float> vector);

/// Decodes a slot value into `out` (d values).
/// @returns false where the value is empty: the document has no vector
/// @throws Damaged where the value is of another generation or dimension, or of an unknown codec
VECTERM_API bool decode_value(std::string_view value, unsigned generation, std::span<float> out);

/// Dot product with one fixed order of summation (lane_products): the same bits everywhere. For a
/// unit query and a slot value this is the exact cosine. REQUIRES: a.size() == b.size().
VECTERM_API float dot(std::span<const float> a, std::span<const float> b);

}  // namespace vecterm
