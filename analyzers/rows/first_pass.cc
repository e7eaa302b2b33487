// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/rows/first_pass.h"

#include "analyzers/rows/codec_table.h"

namespace vecterm {

FirstPass::FirstPass(VectorCodec codec, std::span<const float> centre) : rows_(codec_row(codec).small_rows(centre)) {}

bool FirstPass::has_rows_of(VectorCodec codec) { return codec_row(codec).starts_small_rows; }

}  // namespace vecterm
