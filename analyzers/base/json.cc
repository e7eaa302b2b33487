// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "analyzers/base/wording.h"

namespace vecterm {
namespace {

using Read = nlohmann::json;             // finds a member fast, among very many, too
using Written = nlohmann::ordered_json;  // keeps an order

constexpr std::size_t kExcerptBytes = 60;
constexpr std::size_t kMessageBytes = 200;  // the parser repeats a whole string that it cannot read to its end

/// The byte, from 1, of the bracket that goes too deep, or 0. Brackets in strings are none.
std::size_t too_deep_at(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth) return i + 1;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return 0;
}

/// A discarded value for what is no JSON or too deep.
template <class Value>
Value parsed_or_discarded(std::string_view text) {
  if (too_deep_at(text) > 0) return Value(Value::value_t::discarded);
  return Value::parse(text, nullptr, false);
}

/// Calls the parser, with its exceptions made ours.
template <class Call>
auto guarded(const Call& call) {
  try {
    return call();
  } catch (const Read::parse_error& error) {
    throw JsonError(shortened(error.what(), kMessageBytes), error.byte);
  } catch (const Read::exception& error) {
    throw JsonError(shortened(error.what(), kMessageBytes));
  }
}

template <class Value>
Value value_of(const Read& value) {
  return guarded([&] { return value.get<Value>(); });
}

/// A number without its fraction. C++ leaves open what becomes of one that the type cannot hold.
template <class Whole>
Whole whole_of(const Read& value) {
  using Limits = std::numeric_limits<Whole>;
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    if (!(number >= static_cast<double>(Limits::min()) && number < std::ldexp(1.0, Limits::digits)))
      throw JsonError("a number is beyond what a whole number can hold");
  }
  return value_of<Whole>(value);
}

template <class Value>
std::string dumped(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

Read parsed_or_throw(std::string_view text) {
  if (const std::size_t byte = too_deep_at(text); byte > 0) throw JsonTooDeep(byte);
  return guarded([&] { return Read::parse(text); });
}

}  // namespace

JsonTooDeep::JsonTooDeep(std::size_t byte)
    : JsonError(
          fmt::format("arrays and objects must be nested at most {} deep; byte {} goes deeper", kMaxJsonDepth, byte),
          byte) {}

bool JsonValue::is_null() const { return value_->is_null(); }
bool JsonValue::is_boolean() const { return value_->is_boolean(); }
bool JsonValue::is_number() const { return value_->is_number(); }
bool JsonValue::is_integer() const { return value_->is_number_integer(); }
bool JsonValue::is_whole_number() const { return value_->is_number_unsigned(); }
bool JsonValue::is_string() const { return value_->is_string(); }
bool JsonValue::is_array() const { return value_->is_array(); }
bool JsonValue::is_object() const { return value_->is_object(); }
std::string JsonValue::type_name() const { return value_->type_name(); }

bool JsonValue::boolean() const { return value_of<bool>(*value_); }
double JsonValue::number() const { return value_of<double>(*value_); }
std::int64_t JsonValue::integer() const { return whole_of<std::int64_t>(*value_); }
std::uint64_t JsonValue::whole_number() const { return whole_of<std::uint64_t>(*value_); }
std::string JsonValue::string() const { return value_of<std::string>(*value_); }
std::vector<std::string> JsonValue::strings() const { return value_of<std::vector<std::string>>(*value_); }
std::vector<double> JsonValue::numbers() const { return value_of<std::vector<double>>(*value_); }

std::vector<std::uint64_t> JsonValue::whole_numbers() const {
  if (!is_array()) return value_of<std::vector<std::uint64_t>>(*value_);  // which says what it is
  std::vector<std::uint64_t> numbers;
  for (const JsonValue element : elements()) numbers.push_back(element.whole_number());
  return numbers;
}

std::map<std::string, double, std::less<>> JsonValue::named_numbers() const {
  return value_of<std::map<std::string, double, std::less<>>>(*value_);
}

JsonValue JsonValue::at(std::string_view name) const {
  return guarded([&] { return JsonValue(value_->at(std::string(name))); });
}

JsonValue JsonValue::at(std::size_t i) const {
  return guarded([&] { return JsonValue(value_->at(i)); });
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  if (!value_->is_object()) return std::nullopt;
  const auto found = value_->find(std::string(name));
  if (found == value_->end()) return std::nullopt;
  return JsonValue(*found);
}

std::size_t JsonValue::size() const { return value_->size(); }

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> result;
  result.reserve(value_->size());
  for (const Read& element : *value_) result.emplace_back(element);
  return result;
}

void JsonValue::each_member(const std::function<void(const std::string& name, JsonValue value)>& visit) const {
  for (const auto& [name, value] : value_->items()) visit(name, JsonValue(value));
}

std::string JsonValue::text() const { return dumped(*value_); }
std::string JsonValue::excerpt() const { return shortened(text(), kExcerptBytes); }

JsonDocument::JsonDocument(Read&& value) : value_(std::make_unique<Read>(std::move(value))) {}
JsonDocument::JsonDocument(std::string_view text) : JsonDocument(parsed_or_throw(text)) {}
JsonDocument::JsonDocument(JsonDocument&& other) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&& other) noexcept = default;
JsonDocument::~JsonDocument() = default;

std::optional<JsonDocument> JsonDocument::parsed(std::string_view text) {
  Read value = parsed_or_discarded<Read>(text);
  if (value.is_discarded()) return std::nullopt;
  return JsonDocument(std::move(value));
}

Json::Json(Written&& value) : value_(std::make_unique<Written>(std::move(value))) {}
Json::Json(Members members) : Json(Written(Written::object())) {
  for (const auto& [name, value] : members) set(name, value);
}
Json::Json(std::nullptr_t) : Json(Written(nullptr)) {}
Json::Json(bool value) : Json(Written(value)) {}
Json::Json(double value) : Json(Written(value)) {}
Json::Json(std::uint64_t value) : Json(Written(value)) {}
Json::Json(std::int64_t value) : Json(Written(value)) {}
Json::Json(std::string_view text) : Json(Written(text)) {}
Json::Json(const std::vector<std::string>& texts) : Json(Written(texts)) {}
Json::Json(const std::vector<float>& numbers) : Json(Written(numbers)) {}
Json::Json(const std::vector<double>& numbers) : Json(Written(numbers)) {}
Json::Json(const std::vector<std::uint64_t>& numbers) : Json(Written(numbers)) {}
Json::Json(const std::vector<Json>& values) : Json(Written(Written::array())) {
  for (const Json& value : values) value_->push_back(*value.value_);
}
Json::Json(const Json& other) : value_(std::make_unique<Written>(*other.value_)) {}
Json::Json(Json&& other) noexcept = default;
Json::~Json() = default;

Json& Json::operator=(Json other) noexcept {
  value_ = std::move(other.value_);
  return *this;
}

Json Json::parsed(std::string_view text) {
  Written value = parsed_or_discarded<Written>(text);
  return value.is_discarded() ? Json(text) : Json(std::move(value));
}

Json Json::object_of(std::string_view text) {
  Written value = parsed_or_discarded<Written>(text);
  return value.is_object() ? Json(std::move(value)) : Json();
}

void Json::set(std::string_view name, const Json& value) { (*value_)[std::string(name)] = *value.value_; }
void Json::remove(std::string_view name) { value_->erase(std::string(name)); }
bool Json::has(std::string_view name) const { return value_->contains(std::string(name)); }
Json Json::member(std::string_view name) const { return Json(Written(value_->at(std::string(name)))); }

std::string Json::text() const { return dumped(*value_); }
std::string Json::sorted_text() const { return dumped(Read(*value_)); }

std::string Json::exact_text() const {
  return guarded([&] { return Read(*value_).dump(); });
}

}  // namespace vecterm
