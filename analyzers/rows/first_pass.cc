// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/first_pass.h"

#include <algorithm>

namespace vecterm {
namespace {

std::variant<Int8Quantiser, SignQuantiser> quantiser_for(VectorCodec codec, std::span<const float> centre) {
  if (codec == VectorCodec::kSignBits) return SignQuantiser(centre.size());
  return Int8Quantiser(centre);
}

}  // namespace

FirstPass::FirstPass(VectorCodec codec, std::span<const float> centre) : quantiser_(quantiser_for(codec, centre)) {}

std::size_t FirstPass::row_bytes() const {
  return std::visit([](const auto& quantiser) { return quantiser.row_bytes(); }, quantiser_);
}

void FirstPass::quantise(std::span<const float> decoded, std::span<std::uint8_t> row) const {
  std::visit([&](const auto& quantiser) { quantiser.quantise(decoded, row); }, quantiser_);
}

FirstPassQuery FirstPass::query(std::span<const float> unit) const {
  return std::visit([unit](const auto& quantiser) { return FirstPassQuery(quantiser.query(unit)); }, quantiser_);
}

// Recall@10 .998 of an exact scan (tests/bench/ann; sign bits: tests/bench/codecs, 200 of 256 dimensions, 100 of 512).
std::size_t FirstPass::compared(std::size_t wanted) const {
  const std::size_t few = std::max<std::size_t>(40, wanted + 30);
  const auto* signs = std::get_if<SignQuantiser>(&quantiser_);
  return signs == nullptr ? few : std::max(few, 10 * (wanted + 10) * 256 / (8 * signs->row_bytes()));
}

}  // namespace vecterm
