// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "analyzers/rows/small_rows.h"

namespace vecterm {

/// What there is to be known of a codec. A new one is a value of VectorCodec and a row in codec_table.cc.
struct CodecRow {
  std::string_view name;
  /// Of one stored row.
  std::size_t (*bytes)(std::size_t dimensions);
  void (*append)(std::span<const float> vector, std::string& out);
  void (*decode)(std::string_view row, std::span<float> out);
  /// largest_number(), is_dictionary_codec() and leads_to_neighbours() of vector_codec.h.
  float largest;
  bool in_dictionaries = true;
  bool leads_to_neighbours = true;
  /// The small rows that a search compares first, around the mean of the vectors, and whether they begin with the stored
  /// row.
  std::shared_ptr<const SmallRows> (*small_rows)(std::span<const float> centre);
  bool starts_small_rows = false;
};

/// The one table of codecs: row i is that of VectorCodec's value i.
std::span<const CodecRow> codec_table();

/// The row of a VectorCodec.
template <class Codec>
const CodecRow& codec_row(Codec codec) {
  return codec_table()[static_cast<std::size_t>(codec)];
}

}  // namespace vecterm
