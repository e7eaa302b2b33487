// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace vecterm {

/// Parses JSON of a file. Where it is none, calls fail(offset of the first bad byte), which must throw: the parser's
/// own messages repeat bytes of the file as they are. Internal.
template <class Fail>
nlohmann::json parse_json(std::string_view text, const Fail& fail) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    fail(error.byte > 0 ? error.byte - 1 : 0);
  } catch (const nlohmann::json::exception&) {
    fail(std::size_t{0});
  }
  return {};
}

}  // namespace vecterm
