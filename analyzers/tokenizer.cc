// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/tokenizer.h"

namespace vecterm {

Tokenizer::~Tokenizer() = default;

}  // namespace vecterm
