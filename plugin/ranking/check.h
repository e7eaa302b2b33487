// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <initializer_list>
#include <span>

#include "plugin/document_embedder.h"
#include "plugin/ranking_expression.h"

/// What ranking hit by hit asks of its arguments. Internal.
namespace vecterm {

/// @throws InvalidArgument for a query vector of another dimension
void check_query_vector(const DocumentEmbedder& embedder, std::span<const float> unit);

/// @throws InvalidArgument where an expression needs other candidates
void check_pointwise(const RankingExpression& expression);

/// @throws InvalidArgument also where it uses one of `absent`
void check_expression(const RankingExpression& expression, std::initializer_list<RankingVariable> absent);

}  // namespace vecterm
