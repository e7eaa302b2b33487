// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/version.h"

/// The one door to nlohmann's JSON, whose header takes longer to compile than most sources of ours.
namespace vecterm {

/// How deep arrays and objects may lie in each other in what is read: some ten times as deep as anything that vecterm
/// reads goes, and shallow enough that those who walk through a value may call themselves.
inline constexpr std::size_t kMaxJsonDepth = 64;

/// What is no JSON, or not of the kind or with the member that was asked for; what() is the parser's message, which may
/// repeat a short piece of the text.
class VECTERM_INTERNAL_API JsonError : public std::runtime_error {
 public:
  explicit JsonError(const std::string& message, std::optional<std::size_t> byte = std::nullopt)
      : std::runtime_error(message), byte_(byte) {}

  /// Where the text breaks the syntax, counted from 1, or 0 for none of its bytes. Other errors have no place.
  std::optional<std::size_t> byte() const { return byte_; }

 private:
  std::optional<std::size_t> byte_;
};

/// What is nested deeper than kMaxJsonDepth; byte() is the bracket that goes deeper.
class VECTERM_INTERNAL_API JsonTooDeep : public JsonError {
 public:
  explicit JsonTooDeep(std::size_t byte);
};

/// A value that was read. Valid as long as its JsonDocument.
class VECTERM_INTERNAL_API JsonValue {
 public:
  explicit JsonValue(const nlohmann::json& value) : value_(&value) {}

  bool is_null() const;
  bool is_boolean() const;
  bool is_number() const;
  bool is_integer() const;       ///< without a fraction or an exponent
  bool is_whole_number() const;  ///< of those, one that is not negative
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;
  /// "string", "object", ...
  std::string type_name() const;

  /// All of these: @throws JsonError for a value of another kind. Numbers are converted as C++ does it; one with a
  /// fraction or an exponent that is beyond the type is an error, too.
  bool boolean() const;
  double number() const;
  std::int64_t integer() const;
  std::uint64_t whole_number() const;
  std::string string() const;
  std::vector<std::string> strings() const;
  std::vector<double> numbers() const;
  std::vector<std::uint64_t> whole_numbers() const;
  std::map<std::string, double, std::less<>> named_numbers() const;
  JsonValue at(std::string_view name) const;
  JsonValue at(std::size_t i) const;

  /// None for a value that is no object, too.
  std::optional<JsonValue> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  /// How many elements or members; 0 for null, 1 for other values.
  std::size_t size() const;
  /// Those of an array, or the values of an object.
  std::vector<JsonValue> elements() const;
  /// In the order of the names' bytes; the last of members with one name.
  void each_member(const std::function<void(const std::string& name, JsonValue value)>& visit) const;

  /// As JSON on one line.
  std::string text() const;
  /// The beginning of that, for messages: short, printable and without quotes around it.
  std::string excerpt() const;

 private:
  const nlohmann::json* value_;
};

/// A text that was parsed.
class VECTERM_INTERNAL_API JsonDocument {
 public:
  /// @throws JsonError
  explicit JsonDocument(std::string_view text);
  JsonDocument(JsonDocument&& other) noexcept;
  JsonDocument& operator=(JsonDocument&& other) noexcept;
  ~JsonDocument();

  /// None for what is no JSON, or too deep.
  static std::optional<JsonDocument> parsed(std::string_view text);

  JsonValue root() const { return JsonValue(*value_); }

 private:
  explicit JsonDocument(nlohmann::json&& value);

  std::unique_ptr<nlohmann::json> value_;
};

/// A JSON value to write. Members of an object keep the order in which they were put in.
class VECTERM_INTERNAL_API Json {
 public:
  using Members = std::initializer_list<std::pair<std::string_view, Json>>;

  /// An object.
  Json(Members members = {});
  Json(std::nullptr_t);
  Json(bool value);
  Json(const void*) = delete;  // or pointers would become true
  Json(double value);
  Json(std::uint64_t value);
  Json(std::int64_t value);
  template <std::unsigned_integral Number>
  Json(Number value) : Json(std::uint64_t{value}) {}
  template <std::signed_integral Number>
  Json(Number value) : Json(std::int64_t{value}) {}
  Json(std::string_view text);
  Json(const std::string& text) : Json(std::string_view(text)) {}
  Json(const char* text) : Json(std::string_view(text)) {}
  Json(const std::vector<std::string>& texts);
  Json(const std::vector<float>& numbers);
  Json(const std::vector<double>& numbers);
  Json(const std::vector<std::uint64_t>& numbers);
  Json(const std::vector<Json>& values);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json other) noexcept;
  ~Json();

  /// What `text` says as JSON; where it is none, or too deep, the text itself.
  static Json parsed(std::string_view text);
  /// What `text` says; an empty object where that is none, or too deep.
  static Json object_of(std::string_view text);

  /// Adds a member, or changes it. REQUIRES of these four: an object
  void set(std::string_view name, const Json& value);
  void remove(std::string_view name);
  bool has(std::string_view name) const;
  /// REQUIRES: has(name)
  Json member(std::string_view name) const;

  /// On one line. Bytes that are not UTF-8 become U+FFFD.
  std::string text() const;
  /// The same with the members of all objects in the order of their names' bytes: the form of what is stored.
  std::string sorted_text() const;
  /// The same for what must come back as it was. @throws JsonError for a string that is not UTF-8
  std::string exact_text() const;

 private:
  explicit Json(nlohmann::ordered_json&& value);

  std::unique_ptr<nlohmann::ordered_json> value_;
};

}  // namespace vecterm
