// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking/check.h"

#include <fmt/format.h>

#include "analyzers/errors.h"
#include "plugin/ranking/names.h"

namespace vecterm {

void check_query_vector(const DocumentEmbedder& embedder, std::span<const float> unit) {
  const std::size_t dimensions = embedder.record().dimensions;
  if (unit.size() != dimensions)
    throw InvalidArgument(fmt::format("query vector must have {} dimensions; had {}", dimensions, unit.size()));
}

void check_pointwise(const RankingExpression& expression) {
  if (!expression.is_pointwise())
    throw InvalidArgument(
        fmt::format("expression must not use ranks, rrf, minmax, max_bm25 or max_cosine here, which need all "
                    "candidates; was '{}'",
                    expression.text()));
}

void check_expression(const RankingExpression& expression, std::initializer_list<RankingVariable> absent) {
  check_pointwise(expression);
  for (const RankingVariable variable : absent)
    if (expression.uses(variable))
      throw InvalidArgument(fmt::format("expression must not use {} here, which is not known; was '{}'",
                                        name_of(variable).name, expression.text()));
}

}  // namespace vecterm
