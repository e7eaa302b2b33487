// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/vector_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analyzers/base/half.h"
#include "analyzers/base/little_endian.h"
#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr std::string_view kNames[] = {"float32", "float16", "int8", "sign"};
constexpr unsigned kGenerations = 16;

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

void append_sign_bits(std::span<const float> vector, std::string& out) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(vector.size());
  std::string bits((vector.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < vector.size(); ++i)
    if (static_cast<double>(vector[i]) > mean)
      bits[i / 8] = static_cast<char>(static_cast<unsigned char>(bits[i / 8]) | (1U << (i % 8)));
  out += bits;
}

// The signs of each byte's bits.
constexpr std::array<std::array<float, 8>, 256> signs_of_bytes() {
  std::array<std::array<float, 8>, 256> signs{};
  for (std::size_t byte = 0; byte < signs.size(); ++byte)
    for (std::size_t bit = 0; bit < 8; ++bit) signs[byte][bit] = (byte >> bit & 1U) != 0 ? 1.0F : -1.0F;
  return signs;
}

void decode_sign_bits(std::string_view row, std::span<float> out) {
  static constexpr auto kSigns = signs_of_bytes();
  const auto length = static_cast<float>(1.0 / std::sqrt(static_cast<double>(out.size())));
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const std::array<float, 8>& signs = kSigns[static_cast<unsigned char>(row[i / 8])];
    const std::size_t count = std::min<std::size_t>(8, out.size() - i);
    for (std::size_t j = 0; j < count; ++j) out[i + j] = length * signs[j];
  }
}

}  // namespace

std::string_view codec_name(VectorCodec codec) { return kNames[static_cast<std::size_t>(codec)]; }

VectorCodec codec_from_name(std::string_view name) {
  const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames))
    throw InvalidArgument(fmt::format("codec must be one of {}; was \"{}\"", fmt::join(kNames, ", "), name));
  return static_cast<VectorCodec>(found - std::begin(kNames));
}

std::size_t row_bytes(VectorCodec codec, std::size_t dimensions) {
  switch (codec) {
    case VectorCodec::kFloat32:
      return 4 * dimensions;
    case VectorCodec::kFloat16:
      return 2 * dimensions;
    case VectorCodec::kInt8:
      return 4 + dimensions;
    case VectorCodec::kSignBits:
      break;
  }
  return (dimensions + 7) / 8;
}

void append_row(VectorCodec codec, std::span<const float> vector, std::string& out) {
  switch (codec) {
    case VectorCodec::kFloat32:
      for (const float value : vector) append_number<float>(out, value);
      return;
    case VectorCodec::kFloat16:
      for (const float value : vector) append_number<std::uint16_t>(out, half_of_float(value));
      return;
    case VectorCodec::kInt8:
      append_int8(vector, out);
      return;
    case VectorCodec::kSignBits:
      append_sign_bits(vector, out);
      return;
  }
}

void decode_row(VectorCodec codec, std::string_view row, std::span<float> out) {
  switch (codec) {
    case VectorCodec::kFloat32:
      std::memcpy(out.data(), row.data(), 4 * out.size());
      return;
    case VectorCodec::kFloat16:
      halves_to_floats(row, out);
      return;
    case VectorCodec::kInt8: {
      const auto scale = number_at<float>(row, 0);
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = scale * static_cast<float>(static_cast<std::int8_t>(row[4 + i]));
      return;
    }
    case VectorCodec::kSignBits:
      decode_sign_bits(row, out);
      return;
  }
}

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
  if (codec >= std::size(kNames)) throw DataError(fmt::format("stored vector: codec must be in [0, 3]; was {}", codec));
  if (head >> 4U != generation % kGenerations)
    throw DataError(fmt::format("stored vector: generation must be {}; was {}", generation % kGenerations, head >> 4U));
  const std::size_t expected = row_bytes(static_cast<VectorCodec>(codec), out.size());
  if (value.size() != 1 + expected)
    throw DataError(fmt::format("stored vector: a {} row of {} dimensions must have {} bytes; had {}", kNames[codec],
                                out.size(), expected, value.size() - 1));
  decode_row(static_cast<VectorCodec>(codec), value.substr(1), out);
  return true;
}

float dot(std::span<const float> a, std::span<const float> b) {
  static constexpr std::uint32_t kOnlyRow = 0;
  float product = 0;
  lane_products(a, b, std::span(&kOnlyRow, 1), std::span(&product, 1));
  return product;
}

}  // namespace vecterm
