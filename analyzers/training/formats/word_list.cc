// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/word_list.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "analyzers/base/byte_reader.h"
#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/training/formats/json_input.h"
#include "analyzers/training/formats/row_collector.h"

namespace vecterm {
namespace {

class TokenizerParser {
 public:
  explicit TokenizerParser(const std::string& name) : list_{name, true, {}} {}

  WordList parse(std::string_view text) {
    const JsonDocument document = parse_json(text, [this](std::size_t byte, const char* what) {
      fail(fmt::format("byte {} is where the JSON is {}", byte, what));
    });
    const JsonValue file = document.root();
    const JsonValue model = object_in(file, "model");
    std::vector<JsonValue> added;
    if (file.has("added_tokens")) added = member(file, "added_tokens", &JsonValue::is_array, "array").elements();
    take_model(model, added.size());
    for (const JsonValue token : added) take_added(token);
    while (!entries_.empty() && !entries_.back()) entries_.pop_back();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i]) fail(fmt::format("no entry of the tokenizer has the number {}", i));
      list_.entries.push_back(std::move(*entries_[i]));
    }
    return std::move(list_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw DataError(list_.name + ": " + reason); }

  JsonValue member(JsonValue object, const char* key, bool (JsonValue::*is_kind)() const, const char* kind) const {
    const auto found = object.find(key);
    if (!found || !((*found).*is_kind)()) fail(fmt::format("a tokenizer.json must have \"{}\", {}", key, kind));
    return *found;
  }

  JsonValue object_in(JsonValue object, const char* key) const {
    return member(object, key, &JsonValue::is_object, "object");
  }

  static std::string string_in(JsonValue object, const char* key, const char* otherwise) {
    const auto found = object.find(key);
    return found && found->is_string() ? found->string() : otherwise;
  }

  // Numbers are below the number of entries, so no number of the file makes us allocate more than the file has.
  void take_model(JsonValue model, std::size_t added) {
    const std::string type = string_in(model, "type", "none");
    if (type != "WordPiece" && type != "WordLevel")
      fail(
          fmt::format("the tokenizer's model must be WordPiece or WordLevel, whose entries are words; was {}. Give the "
                      "words of the rows as a list, one a line",
                      in_quotes(type)));
    const JsonValue vocabulary = object_in(model, "vocab");
    entries_.resize(vocabulary.size() + added);
    const std::string piece = type == "WordPiece" ? string_in(model, "continuing_subword_prefix", "##") : "";
    vocabulary.each_member([&](const std::string& word, JsonValue number) {
      const bool is_piece = !piece.empty() && word.size() > piece.size() && word.starts_with(piece);
      std::optional<WordList::Entry>& entry = entry_of(number);
      if (entry) fail(fmt::format("two entries of the tokenizer have the number {}", number.excerpt()));
      entry = WordList::Entry{word, is_piece ? "pieces of words" : ""};
    });
  }

  void take_added(JsonValue token) {
    const auto id = token.find("id");
    const auto content = token.find("content");
    if (!id || !content || !content->is_string())
      fail("each of \"added_tokens\" must have an \"id\" and a \"content\"");
    const auto special = token.find("special");
    const bool is_special = special && special->is_boolean() && special->boolean();
    entry_of(*id) = WordList::Entry{content->string(), is_special ? "special tokens" : ""};
  }

  std::optional<WordList::Entry>& entry_of(JsonValue number) {
    if (!number.is_whole_number() || number.whole_number() >= entries_.size())
      fail(fmt::format("the number of a tokenizer's entry must be in [0, {}); was {}", entries_.size(),
                       in_quotes(number.text())));
    return entries_[number.whole_number()];
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
