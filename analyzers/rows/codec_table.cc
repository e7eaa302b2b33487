// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/codec_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "analyzers/numbers/half.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/rows/int8_rows.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/rows/sign_rows.h"

namespace vecterm {
namespace {

std::size_t float32_bytes(std::size_t dimensions) { return 4 * dimensions; }

void append_float32(std::span<const float> vector, std::string& out) {
  for (const float value : vector) append_number<float>(out, value);
}

void decode_float32(std::string_view row, std::span<float> out) { std::memcpy(out.data(), row.data(), 4 * out.size()); }

std::size_t float16_bytes(std::size_t dimensions) { return 2 * dimensions; }

void append_float16(std::span<const float> vector, std::string& out) {
  for (const float value : vector) append_number<std::uint16_t>(out, half_of_float(value));
}

std::size_t int8_bytes(std::size_t dimensions) { return 4 + dimensions; }

void append_int8(std::span<const float> vector, std::string& out) {
  float largest = 0;
  for (const float value : vector) largest = std::max(largest, std::fabs(value));
  const float scale = largest / 127.0F;
  append_number<float>(out, scale);
  for (const float value : vector) {
    const float level = scale > 0 ? std::nearbyint(value / scale) : 0.0F;
    out += static_cast<char>(static_cast<std::int8_t>(std::clamp(level, -127.0F, 127.0F)));
  }
}

void decode_int8(std::string_view row, std::span<float> out) {
  const auto scale = number_at<float>(row, 0);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = scale * static_cast<float>(static_cast<std::int8_t>(row[4 + i]));
}

std::shared_ptr<const SmallRows> int8_small_rows(std::span<const float> centre) {
  return std::make_shared<const RowsOf<Int8Quantiser>>(Int8Quantiser(centre));
}

std::shared_ptr<const SmallRows> sign_small_rows(std::span<const float> centre) {
  return std::make_shared<const RowsOf<SignQuantiser>>(SignQuantiser(centre.size()));
}

constexpr float kAnyFloat = std::numeric_limits<float>::max();
constexpr float kLargestHalf = 65504;

constexpr CodecRow kRows[] = {
    {.name = "float32",
     .bytes = float32_bytes,
     .append = append_float32,
     .decode = decode_float32,
     .largest = kAnyFloat,
     .small_rows = int8_small_rows},
    {.name = "float16",
     .bytes = float16_bytes,
     .append = append_float16,
     .decode = halves_to_floats,
     .largest = kLargestHalf,
     .small_rows = int8_small_rows},
    {.name = "int8",
     .bytes = int8_bytes,
     .append = append_int8,
     .decode = decode_int8,
     .largest = kAnyFloat,
     .small_rows = int8_small_rows},
    {.name = "sign",
     .bytes = sign_bytes,
     .append = append_signs,
     .decode = decode_signs,
     .largest = kAnyFloat,
     .in_dictionaries = false,
     .leads_to_neighbours = false,
     .small_rows = sign_small_rows,
     .starts_small_rows = true},
};

}  // namespace

std::span<const CodecRow> codec_table() { return kRows; }

}  // namespace vecterm
