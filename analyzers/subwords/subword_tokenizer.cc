// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/subwords/subword_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "analyzers/subwords/subword_model.h"
#include "analyzers/subwords/text_steps.h"
#include "analyzers/subwords/tokenizer_json.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/text/unicode.h"

namespace vecterm {
namespace {

constexpr std::size_t kMostPieces = std::size_t{1} << 24U;

std::size_t size_of_vocabulary(JsonValue file) {
  const auto model = tokenizer_json::find(file, "model");
  const auto vocabulary = model ? tokenizer_json::find(*model, "vocab") : std::nullopt;
  const auto added = tokenizer_json::find(file, "added_tokens");
  // Numbers of added tokens may leave some out.
  return std::min((vocabulary ? vocabulary->size() : 0) + (added ? added->size() : 0) + 4096, kMostPieces);
}

std::string utf8(const icu::UnicodeString& text) {
  std::string bytes;
  text.toUTF8String(bytes);
  return bytes;
}

}  // namespace

struct SubwordTokenizer::Internal {
  explicit Internal(JsonValue file) : table(size_of_vocabulary(file)) {
    if (const auto part = tokenizer_json::find(file, "normalizer")) read_normalizer(*part, steps);
    if (const auto part = tokenizer_json::find(file, "pre_tokenizer")) read_pre_tokenizer(*part, steps);
    model = read_subword_model(tokenizer_json::member(file, "model", &JsonValue::is_object, "an object"), table);
    if (const auto part = tokenizer_json::find(file, "added_tokens")) {
      if (!part->is_array()) tokenizer_json::fail_at("added_tokens", "a list", *part);
      for (const JsonValue token : part->elements()) take_added(token);
    }
    special.resize(table.spellings().size());
    describe(file);
  }

  void take_added(JsonValue token) {
    const std::string content = tokenizer_json::member(token, "content", &JsonValue::is_string, "a string").string();
    const JsonValue number = tokenizer_json::member(token, "id", &JsonValue::is_whole_number, "a whole number");
    if (content.empty()) throw DataError("the \"content\" of an added token must not be empty");
    table.add(content, number);
    special.resize(table.spellings().size());
    if (tokenizer_json::boolean(token, "special", false))
      special[number.whole_number()] = true;
    else
      added.push_back(content);
  }

  void describe(JsonValue file) {
    Json kept;
    for (const char* part : {"normalizer", "pre_tokenizer", "model", "added_tokens"})
      if (const auto found = tokenizer_json::find(file, part)) kept.set(part, Json::parsed(found->text()));
    description = kept.exact_text();
  }

  /// Where an added token begins in a text, the longest one of the first place.
  std::pair<std::size_t, std::string_view> next_added(std::string_view text) const {
    std::pair<std::size_t, std::string_view> first{std::string_view::npos, {}};
    for (const std::string& token : added) {
      const std::size_t at = text.find(token);
      if (at < first.first || (at == first.first && at != std::string_view::npos && token.size() > first.second.size()))
        first = {at, token};
    }
    return first;
  }

  void split(std::string_view text, std::vector<std::uint32_t>& pieces) const {
    if (text.empty()) return;
    TextChunks chunks{unicode::from_utf8(text)};
    for (const TextStep& step : steps) step(chunks);
    for (const icu::UnicodeString& chunk : chunks) model->split(utf8(chunk), pieces);
  }

  std::vector<std::uint32_t> pieces(std::string_view text) const {
    std::vector<std::uint32_t> pieces;
    while (!text.empty()) {
      const auto [at, token] = next_added(text);
      split(text.substr(0, at), pieces);
      if (at == std::string_view::npos) break;
      pieces.push_back(*table.find(token));
      text.remove_prefix(at + token.size());
    }
    std::erase_if(pieces, [&](std::uint32_t piece) { return special[piece]; });
    return pieces;
  }

  PieceTable table;
  std::vector<TextStep> steps;
  std::unique_ptr<const SubwordModel> model;
  std::vector<std::string> added;  ///< tokens that are found before anything else is done
  std::vector<bool> special;       ///< of each piece
  std::string description;
};

SubwordTokenizer::SubwordTokenizer(std::unique_ptr<const Internal> internal) : internal_(std::move(internal)) {}
SubwordTokenizer::~SubwordTokenizer() = default;

std::shared_ptr<const SubwordTokenizer> SubwordTokenizer::parse(std::string_view json, const std::string& name) try {
  const JsonDocument document(json);
  return std::shared_ptr<const SubwordTokenizer>(
      new SubwordTokenizer(std::make_unique<const Internal>(document.root())));
} catch (const JsonError& error) {
  throw DataError(fmt::format("{}: no tokenizer.json: {}", name, error.what()));
} catch (const DataError& error) {
  throw DataError(fmt::format("{}: {}", name, error.what()));
}

std::vector<std::uint32_t> SubwordTokenizer::pieces(std::string_view word) const {
  const std::vector<std::uint32_t> pieces = internal_->pieces(std::string(1, ' ').append(word));
  // Where nothing splits at spaces, there is none in a model's pieces.
  return pieces.empty() ? internal_->pieces(word) : pieces;
}

const std::vector<std::string>& SubwordTokenizer::spellings() const { return internal_->table.spellings(); }
bool SubwordTokenizer::is_special(std::uint32_t piece) const { return internal_->special[piece]; }
const std::string& SubwordTokenizer::description() const { return internal_->description; }

std::optional<std::string> SubwordTokenizer::word_of(std::uint32_t piece) const {
  const std::string& spelling = spellings()[piece];
  std::vector<std::string> candidates{spelling};
  for (const char* mark : {"\u2581", "\u0120"})  // of Metaspace, and ByteLevel's space
    if (spelling.starts_with(mark)) candidates.push_back(spelling.substr(std::string_view(mark).size()));
  for (const std::string& word : candidates)
    if (!word.empty() && pieces(word) == std::vector<std::uint32_t>{piece}) return word;
  return std::nullopt;
}

std::vector<std::string> subwords_of(std::string_view word, NGramKinds kinds, const SubwordTokenizer* tokenizer) {
  if (ngram_of(word) != NGram::kWord) return {};
  if (kinds.trigrams) return trigrams_of(word);
  std::vector<std::string> entries;
  if (kinds.pieces)
    for (const std::uint32_t piece : tokenizer->pieces(word))
      entries.push_back(piece_entry(tokenizer->spellings()[piece]));
  return entries;
}

}  // namespace vecterm
