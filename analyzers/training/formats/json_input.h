// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "analyzers/base/json.h"

namespace vecterm {

/// Parses JSON of a file. Where it is none, or nested too deep, calls fail(offset of the first bad byte, which of the
/// two), which must throw. Internal.
template <class Fail>
JsonDocument parse_json(std::string_view text, const Fail& fail) {
  try {
    return JsonDocument(text);
  } catch (const JsonError& error) {
    const std::size_t byte = error.byte().value_or(0);
    fail(byte > 0 ? byte - 1 : 0, dynamic_cast<const JsonTooDeep*>(&error) == nullptr ? "damaged" : "nested too deep");
    throw;
  }
}

}  // namespace vecterm
