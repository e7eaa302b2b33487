// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vecterm::cli {

/// A JSON value to print. Behind it is one of nlohmann's, whose header takes longer to compile than a verb does.
class Json {
 public:
  using Members = std::initializer_list<std::pair<std::string_view, Json>>;

  /// An object; its members come out in the order in which they were put in.
  Json(Members members = {});
  Json(std::nullptr_t);
  Json(bool value);
  Json(const void*) = delete;  // or pointers would become true
  Json(double value);
  Json(std::uint64_t value);
  template <std::unsigned_integral Number>
  Json(Number value) : Json(std::uint64_t{value}) {}
  Json(std::string_view text);
  Json(const std::string& text) : Json(std::string_view(text)) {}
  Json(const char* text) : Json(std::string_view(text)) {}
  Json(const std::vector<std::string>& texts);
  Json(const std::vector<float>& numbers);
  Json(const std::vector<Json>& values);

  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(Json other) noexcept;
  ~Json();

  /// What `text` says as JSON; where it is none, the text itself.
  static Json parsed(std::string_view text);

  /// Adds a member, or changes it. REQUIRES: an object
  void set(std::string_view name, const Json& value);
  /// On one line. Bytes that are not UTF-8 become U+FFFD.
  std::string text() const;

 private:
  explicit Json(nlohmann::ordered_json&& value);

  std::unique_ptr<nlohmann::ordered_json> value_;
};

}  // namespace vecterm::cli
