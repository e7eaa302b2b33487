// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/first_pass.h"

#include "analyzers/rows/codec_table.h"

namespace vecterm {
namespace {

const CodecRow& row_of(VectorCodec codec) { return codec_table()[static_cast<std::size_t>(codec)]; }

}  // namespace

FirstPass::FirstPass(VectorCodec codec, std::span<const float> centre) : rows_(row_of(codec).small_rows(centre)) {}

bool FirstPass::has_rows_of(VectorCodec codec) { return row_of(codec).starts_small_rows; }

}  // namespace vecterm
