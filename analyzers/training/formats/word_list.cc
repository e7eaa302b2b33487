// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/word_list.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "analyzers/base/byte_reader.h"
#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/training/formats/json_input.h"
#include "analyzers/training/formats/row_collector.h"

namespace vecterm {
namespace {

using nlohmann::json;

class TokenizerParser {
 public:
  explicit TokenizerParser(const std::string& name) : list_{name, true, {}} {}

  WordList parse(std::string_view text) {
    const json file =
        parse_json(text, [this](std::size_t byte) { fail(fmt::format("byte {} is where the JSON is damaged", byte)); });
    const json& model = member(file, "model", json::value_t::object);
    const json& added = file.contains("added_tokens") ? member(file, "added_tokens", json::value_t::array) : json();
    take_model(model, added.size());
    for (const json& token : added) take_added(token);
    while (!entries_.empty() && !entries_.back()) entries_.pop_back();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i]) fail(fmt::format("no entry of the tokenizer has the number {}", i));
      list_.entries.push_back(std::move(*entries_[i]));
    }
    return std::move(list_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw DataError(list_.name + ": " + reason); }

  const json& member(const json& object, const char* key, json::value_t type) const {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end() || found->type() != type)
      fail(fmt::format("a tokenizer.json must have \"{}\", {}", key, json(type).type_name()));
    return *found;
  }

  // Numbers are below the number of entries, so no number of the file makes us allocate more than the file has.
  void take_model(const json& model, std::size_t added) {
    const std::string type = model.value("type", json("none")).is_string() ? model.value("type", "none") : "none";
    if (type != "WordPiece" && type != "WordLevel")
      fail(
          fmt::format("the tokenizer's model must be WordPiece or WordLevel, whose entries are words; was {}. Give the "
                      "words of the rows as a list, one a line",
                      in_quotes(type)));
    const json& vocabulary = member(model, "vocab", json::value_t::object);
    entries_.resize(vocabulary.size() + added);
    const json prefix = model.value("continuing_subword_prefix", json());
    const std::string piece = type == "WordPiece" ? (prefix.is_string() ? prefix.get<std::string>() : "##") : "";
    for (const auto& [word, number] : vocabulary.items()) {
      const bool is_piece = !piece.empty() && word.size() > piece.size() && word.starts_with(piece);
      std::optional<WordList::Entry>& entry = entry_of(number);
      if (entry) fail(fmt::format("two entries of the tokenizer have the number {}", number.dump()));
      entry = WordList::Entry{word, is_piece ? "pieces of words" : ""};
    }
  }

  void take_added(const json& token) {
    if (!token.is_object() || !token.contains("id") || !token.contains("content") || !token["content"].is_string())
      fail("each of \"added_tokens\" must have an \"id\" and a \"content\"");
    const bool special = token.contains("special") && token["special"] == true;
    entry_of(token["id"]) = WordList::Entry{token["content"].get<std::string>(), special ? "special tokens" : ""};
  }

  std::optional<WordList::Entry>& entry_of(const json& number) {
    if (!number.is_number_unsigned() || number.get<std::uint64_t>() >= entries_.size())
      fail(fmt::format("the number of a tokenizer's entry must be in [0, {}); was {}", entries_.size(),
                       in_quotes(number.dump(-1, ' ', true))));
    return entries_[number.get<std::uint64_t>()];
  }

  WordList list_;
  std::vector<std::optional<WordList::Entry>> entries_;
};

// A list of words could begin with a brace, but hardly with one and a quotation mark.
bool is_json(std::string_view start) {
  if (!start.starts_with('{')) return false;
  const std::size_t next = start.find_first_not_of(" \t\r\n", 1);
  return next != std::string_view::npos && start[next] == '"';
}

std::string whole(ByteReader& bytes) {
  while (bytes.read_more()) {
  }
  return std::string(bytes.buffered());
}

}  // namespace

std::string WordList::where(std::size_t entry) const {
  return fmt::format("{}, {} {}", name, tokenizer ? "entry" : "line", entry + (tokenizer ? 0 : 1));
}

WordList read_word_list(const std::string& path) {
  ByteReader bytes(path);
  WordList list{bytes.name(), false, {}};
  if (is_json(bytes.peek(64))) return TokenizerParser(list.name).parse(whole(bytes));
  LineReader lines(std::move(bytes));
  for (std::string_view line; lines.next(line);) list.entries.push_back({std::string(line), {}});
  return list;
}

}  // namespace vecterm
