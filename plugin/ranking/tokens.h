// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The words and signs of a ranking expression's text. Internal.
namespace vecterm {

struct RankingToken {
  enum class Kind { kNumber, kName, kSign, kEnd };
  Kind kind;
  std::string_view text;  ///< a view of the expression's; "" at the end
  std::size_t position;   ///< in characters, from 1
  double number = 0;
};

/// The tokens of `text`, a kEnd last. @throws InvalidArgument for a character that belongs nowhere and a number out of
/// range
std::vector<RankingToken> ranking_tokens(std::string_view text);

/// @throws InvalidArgument always, with what every message about an expression begins with.
[[noreturn]] void refuse_expression(const std::string& reason);

}  // namespace vecterm
