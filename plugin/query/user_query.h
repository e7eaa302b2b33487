// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "plugin/analyzer_settings.h"
#include "plugin/query_syntax.h"

namespace vecterm {

/// Takes a query apart; UserQuery says how it is written.
/// @param text  UTF-8; ill-formed bytes count as one character each
/// @throws InvalidArgument for whatever cannot be understood or exceeds a limit, with the column, and for a query that
///         looks for nothing: punctuation, operators, stop words or excluded words only
UserQuery parse_user_query(std::string_view text, const AnalyzerSettings& settings);

}  // namespace vecterm
