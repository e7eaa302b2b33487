// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/base/json.h"

#include <doctest/doctest.h>

#include <limits>

using namespace vecterm;

namespace {

std::string read_again(std::string_view text) { return JsonDocument(text).root().text(); }

/// The byte at which a text breaks the syntax, or -1 for another error.
long broken_at(std::string_view text) {
  try {
    const JsonDocument document(text);
  } catch (const JsonError& error) {
    return error.byte() ? static_cast<long>(*error.byte()) : -1;
  }
  return -2;
}

}  // namespace

TEST_CASE("values are told apart by their kind, whole numbers from others, too") {
  const JsonDocument document(R"({"n":null,"b":true,"i":-3,"u":3,"f":0.5,"s":"x","a":[1,2],"o":{"k":1}})");
  const JsonValue root = document.root();
  CHECK(root.is_object());
  CHECK(root.size() == 8);
  CHECK(root.at("n").is_null());
  CHECK(root.at("b").boolean());
  CHECK(root.at("i").is_integer());
  CHECK_FALSE(root.at("i").is_whole_number());
  CHECK(root.at("i").integer() == -3);
  CHECK(root.at("u").whole_number() == 3);
  CHECK(root.at("f").is_number());
  CHECK_FALSE(root.at("f").is_integer());
  CHECK(root.at("f").number() == 0.5);
  CHECK(root.at("s").string() == "x");
  CHECK(root.at("a").whole_numbers() == std::vector<std::uint64_t>{1, 2});
  CHECK(root.at("a").at(1).number() == 2);
  CHECK(root.at("o").named_numbers().at("k") == 1);
  CHECK(root.at("o").type_name() == "object");
  CHECK(root.has("o"));
  CHECK_FALSE(root.has("p"));
  CHECK_FALSE(root.at("a").find("k"));
}

TEST_CASE("another kind, a missing member and a missing element are errors that say so") {
  const JsonDocument document(R"({"s":"x","a":[1,"y"]})");
  const JsonValue root = document.root();
  CHECK_THROWS_WITH_AS(root.at("s").number(), "[json.exception.type_error.302] type must be number, but is string",
                       JsonError);
  CHECK_THROWS_WITH_AS(root.at("t"), "[json.exception.out_of_range.403] key 't' not found", JsonError);
  CHECK_THROWS_WITH_AS(root.at("a").at(2), "[json.exception.out_of_range.401] array index 2 is out of range",
                       JsonError);
  CHECK_THROWS_AS(root.at("a").strings(), JsonError);
  CHECK_THROWS_AS(root.at("s").at("t"), JsonError);
}

TEST_CASE("text that is no JSON is an error with the place of its first bad byte") {
  CHECK(broken_at("{\"a\":]}") == 6);
  CHECK(broken_at("") == 1);
  CHECK(broken_at("\"\xff\"") == 2);
  CHECK(broken_at("{} {}") == 4);
  CHECK(broken_at("1e999") == -1);
  CHECK_FALSE(JsonDocument::parsed("{"));
  CHECK(JsonDocument::parsed("[]")->root().is_array());
}

TEST_CASE("members are visited in the order of their names, and the last of one name counts") {
  std::string names;
  const JsonDocument document(R"({"b":1,"a":2,"b":3})");
  document.root().each_member([&](const std::string& name, JsonValue value) { names += name + value.text(); });
  CHECK(names == "a2b3");
}

TEST_CASE("written members keep their order, sorted text does not, and one that is set again keeps its place") {
  Json json{{"z", 1}, {"a", Json{{"y", true}, {"b", nullptr}}}};
  json.set("z", "again");
  json.set("list", std::vector<Json>{1, "two", 3.0, std::vector<std::string>{"four"}});
  CHECK(json.text() == R"({"z":"again","a":{"y":true,"b":null},"list":[1,"two",3.0,["four"]]})");
  CHECK(json.sorted_text() == R"({"a":{"b":null,"y":true},"list":[1,"two",3.0,["four"]],"z":"again"})");
  CHECK(json.member("a").text() == R"({"y":true,"b":null})");
  json.remove("a");
  CHECK_FALSE(json.has("a"));
}

TEST_CASE("numbers are written so that they come back as they were") {
  CHECK(Json(0.1).text() == "0.1");
  CHECK(Json(1e300).text() == "1e+300");
  CHECK(Json(3).text() == "3");
  CHECK(Json(-3).text() == "-3");
  CHECK(Json(2.0).text() == "2.0");
  CHECK(Json(std::numeric_limits<std::uint64_t>::max()).text() == "18446744073709551615");
  CHECK(Json(std::numeric_limits<double>::infinity()).text() == "null");
  CHECK(read_again("[1.5e-7,-0.0,12345678901234567890]") == "[1.5e-07,-0.0,12345678901234567890]");
}

TEST_CASE("bytes that are not UTF-8 are replaced, or refused where every byte counts") {
  const Json json{{"name", "a\xff"}};
  CHECK(json.text() == "{\"name\":\"a\xef\xbf\xbd\"}");
  CHECK(json.sorted_text() == json.text());
  CHECK_THROWS_AS(json.exact_text(), JsonError);
}

TEST_CASE("text that is no JSON is taken as a string, or as an empty object") {
  CHECK(Json::parsed("{\"b\": 1, \"a\": 2}").text() == R"({"b":1,"a":2})");
  CHECK(Json::parsed("plain").text() == "\"plain\"");
  CHECK(Json::object_of("plain").text() == "{}");
  CHECK(Json::object_of("[1]").text() == "{}");
  CHECK(Json::object_of("{\"a\":1}").text() == R"({"a":1})");
}

TEST_CASE("arrays and objects are nested up to a bound, whichever door reads them") {
  const auto nested = [](std::size_t depth, const std::string& inside) {
    return std::string(depth, '[') + inside + std::string(depth, ']');
  };
  const std::string deepest = nested(kMaxJsonDepth, "\"[[\\\"[[\"");
  CHECK(read_again(deepest) == deepest);
  CHECK(Json::parsed(deepest).text() == deepest);
  for (const std::size_t depth : {kMaxJsonDepth + 1, std::size_t{1000000}}) {
    const std::string deeper = nested(depth, "");
    CHECK_THROWS_WITH_AS(JsonDocument{deeper}, "arrays and objects must be nested at most 64 deep; byte 65 goes deeper",
                         JsonTooDeep);
    CHECK_FALSE(JsonDocument::parsed(deeper));
    CHECK(Json::parsed(deeper).text().front() == '"');
    CHECK(Json::object_of("{\"a\":" + deeper + "}").text() == "{}");
  }
  CHECK(broken_at("[" + nested(kMaxJsonDepth, "")) == 65);
  CHECK(broken_at("]]]" + nested(kMaxJsonDepth, "")) == 1);
}

TEST_CASE("messages have a short piece of what was read") {
  const std::string many(1000000, 'a');
  const std::string text = "[\"" + many + "\"]";
  CHECK(JsonDocument(text).root().excerpt() == text.substr(0, 60) + "...");
  CHECK(JsonDocument("[1, \"\xc2\x9b\"]").root().excerpt() == "[1,\" \"]");
  CHECK_THROWS_AS(JsonDocument("\"" + many), JsonError);
  try {
    const JsonDocument document("[" + many);
  } catch (const JsonError& error) {
    CHECK(std::string_view(error.what()).size() < 250);
  }
  try {
    const JsonDocument document("\"" + many + "\x01");
  } catch (const JsonError& error) {
    CHECK(std::string_view(error.what()).size() < 250);
  }
}

TEST_CASE("a number that no whole number can hold is refused where one is wanted") {
  const auto read = [](const std::string& text) {
    const JsonDocument document(text);
    return document.root().integer();
  };
  CHECK(read("-9223372036854775808.0") == std::numeric_limits<std::int64_t>::min());
  CHECK(read("8.5") == 8);
  for (const char* text : {"1e300", "-1e300", "9223372036854775808.0"}) CHECK_THROWS_AS(read(text), JsonError);
  const JsonDocument numbers("[18446744073709549568.0, 18446744073709551616.0, -1.0]");
  CHECK(numbers.root().at(std::size_t{0}).whole_number() == 18446744073709549568U);
  CHECK_THROWS_AS(numbers.root().at(std::size_t{1}).whole_number(), JsonError);
  CHECK_THROWS_AS(numbers.root().at(std::size_t{2}).whole_number(), JsonError);
  CHECK_THROWS_AS(numbers.root().whole_numbers(), JsonError);
}
