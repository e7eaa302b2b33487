// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/vector_codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/rows/codec_table.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr unsigned kGenerations = 16;

}  // namespace

std::vector<std::string> codec_names() {
  std::vector<std::string> names;
  for (const CodecRow& row : codec_table()) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> dictionary_codec_names() {
  std::vector<std::string> names;
  for (const CodecRow& row : codec_table())
    if (row.in_dictionaries) names.emplace_back(row.name);
  return names;
}

std::string_view codec_name(VectorCodec codec) { return codec_row(codec).name; }

VectorCodec codec_from_name(std::string_view name) {
  const auto found = std::ranges::find(codec_table(), name, &CodecRow::name);
  if (found == codec_table().end())
    throw InvalidArgument(
        fmt::format("codec must be one of {}; was {}", fmt::join(codec_names(), ", "), in_quotes(name)));
  return static_cast<VectorCodec>(found - codec_table().begin());
}

bool is_dictionary_codec(std::uint32_t number) {
  return number < codec_table().size() && codec_table()[number].in_dictionaries;
}

float largest_number(VectorCodec codec) { return codec_row(codec).largest; }

bool leads_to_neighbours(VectorCodec codec) { return codec_row(codec).leads_to_neighbours; }

std::size_t row_bytes(VectorCodec codec, std::size_t dimensions) { return codec_row(codec).bytes(dimensions); }

void append_row(VectorCodec codec, std::span<const float> vector, std::string& out) {
  codec_row(codec).append(vector, out);
}

void decode_row(VectorCodec codec, std::string_view row, std::span<float> out) { codec_row(codec).decode(row, out); }

std::string encode_value(VectorCodec codec, unsigned generation, std::span<const float> vector) {
  std::string value;
  value.reserve(1 + row_bytes(codec, vector.size()));
  value += static_cast<char>(static_cast<unsigned>(codec) | (generation % kGenerations) << 4U);
  append_row(codec, vector, value);
  return value;
}

bool decode_value(std::string_view value, unsigned generation, std::span<float> out) {
  if (value.empty()) return false;
  const auto head = static_cast<unsigned char>(value[0]);
  const unsigned codec = head & 15U;
  if (codec >= codec_table().size())
    throw Damaged(fmt::format("stored vector: codec must be in [0, {}]; was {}", codec_table().size() - 1, codec));
  if (head >> 4U != generation % kGenerations)
    throw Damaged(fmt::format("stored vector: generation must be {}; was {}", generation % kGenerations, head >> 4U));
  const CodecRow& row = codec_table()[codec];
  const std::size_t expected = row.bytes(out.size());
  if (value.size() != 1 + expected)
    throw Damaged(fmt::format("stored vector: a {} row of {} dimensions must have {} bytes; had {}", row.name,
                              out.size(), expected, value.size() - 1));
  row.decode(value.substr(1), out);
  return true;
}

float dot(std::span<const float> a, std::span<const float> b) {
  static constexpr std::uint32_t kOnlyRow = 0;
  float product = 0;
  lane_products(a, b, std::span(&kOnlyRow, 1), std::span(&product, 1));
  return product;
}

}  // namespace vecterm
