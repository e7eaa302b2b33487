// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/cli/json.h"

#include <nlohmann/json.hpp>

namespace vecterm::cli {

using Value = nlohmann::ordered_json;

Json::Json(Value&& value) : value_(std::make_unique<Value>(std::move(value))) {}

Json::Json(Members members) : Json(Value(Value::object())) {
  for (const auto& [name, value] : members) set(name, value);
}

Json::Json(std::nullptr_t) : Json(Value(nullptr)) {}

Json::Json(bool value) : Json(Value(value)) {}

Json::Json(double value) : Json(Value(value)) {}

Json::Json(std::uint64_t value) : Json(Value(value)) {}

Json::Json(std::string_view text) : Json(Value(text)) {}

Json::Json(const std::vector<std::string>& texts) : Json(Value(texts)) {}

Json::Json(const std::vector<float>& numbers) : Json(Value(numbers)) {}

Json::Json(const std::vector<Json>& values) : Json(Value(Value::array())) {
  for (const Json& value : values) value_->push_back(*value.value_);
}

Json::Json(const Json& other) : value_(std::make_unique<Value>(*other.value_)) {}

Json::Json(Json&& other) noexcept = default;

Json& Json::operator=(Json other) noexcept {
  value_ = std::move(other.value_);
  return *this;
}

Json::~Json() = default;

Json Json::parsed(std::string_view text) {
  Value value = Value::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : Json(std::move(value));
}

void Json::set(std::string_view name, const Json& value) { (*value_)[std::string(name)] = *value.value_; }

std::string Json::text() const { return value_->dump(-1, ' ', false, Value::error_handler_t::replace); }

}  // namespace vecterm::cli
