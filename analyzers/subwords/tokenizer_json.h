// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

/// What the readers of the parts of a tokenizer.json share. Internal. All throw DataError.
namespace vecterm::tokenizer_json {

/// A member, or nothing where it is missing or null.
inline std::optional<JsonValue> find(JsonValue object, std::string_view name) {
  const auto found = object.find(name);
  return found && !found->is_null() ? found : std::nullopt;
}

[[noreturn]] inline void fail_at(std::string_view name, std::string_view wanted, JsonValue met) {
  throw DataError(fmt::format("\"{}\" must be {}; was {}", name, wanted, met.excerpt()));
}

inline bool boolean(JsonValue object, std::string_view name, bool otherwise) {
  const auto found = find(object, name);
  if (!found) return otherwise;
  if (!found->is_boolean()) fail_at(name, "true or false", *found);
  return found->boolean();
}

inline std::string string(JsonValue object, std::string_view name, std::string_view otherwise) {
  const auto found = find(object, name);
  if (!found) return std::string(otherwise);
  if (!found->is_string()) fail_at(name, "a string", *found);
  return found->string();
}

/// @throws DataError where it is missing, too
inline JsonValue member(JsonValue object, std::string_view name, bool (JsonValue::*is_kind)() const,
                        std::string_view wanted) {
  const auto found = find(object, name);
  if (!found) throw DataError(fmt::format("\"{}\" is missing; must be {}", name, wanted));
  if (!((*found).*is_kind)()) fail_at(name, wanted, *found);
  return *found;
}

/// The "type" of a part.
inline std::string type_of(JsonValue part) { return member(part, "type", &JsonValue::is_string, "a string").string(); }

}  // namespace vecterm::tokenizer_json
