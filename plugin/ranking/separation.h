// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "plugin/ranking/syntax.h"

namespace vecterm {

/// A tree as words_factor * bm25 + rest. Internal.
struct SeparatedTree {
  RankingTree words_factor;
  RankingTree rest;
};

/// The parts as RankingExpression::separated() describes them, or nothing.
std::optional<SeparatedTree> separated_ranking(const RankingTree& tree);

}  // namespace vecterm
