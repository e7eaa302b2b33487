// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "analyzers/base/json.h"
#include "analyzers/base/line_reader.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "plugin/schema.h"

namespace vecterm {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw DataError(fmt::format("{}: {}", where, what));
}

JsonDocument parse_object(std::string_view line, const std::string& where) {
  try {
    JsonDocument document(line);
    if (!document.root().is_object())
      refuse(where, fmt::format("a JSON object is needed; was {}", document.root().type_name()));
    return document;
  } catch (const JsonError& error) {
    if (dynamic_cast<const JsonTooDeep*>(&error) != nullptr) refuse(where, error.what());
    if (error.byte()) refuse(where, fmt::format("no JSON (at byte {})", *error.byte()));
    refuse(where, "no JSON (a number is out of range)");
  }
}

std::string id_of(JsonValue object, const std::string& where) {
  const auto found = object.find("_id");
  if (!found) refuse(where, "no \"_id\"");
  if (found->is_integer()) return found->text();
  if (!found->is_string())
    refuse(where, fmt::format("\"_id\" must be a string or a whole number; was {}", found->excerpt()));
  auto id = found->string();
  if (id.empty()) refuse(where, "\"_id\" is empty");
  return id;
}

void check_id_length(const std::string& id, const std::string& where) {
  const auto bytes = schema::id_term(id).size() + static_cast<std::size_t>(std::ranges::count(id, '\0'));
  if (bytes > schema::kMaxTermBytes)
    refuse(where, fmt::format("the term of \"_id\" must have at most {} bytes; has {}: {}", schema::kMaxTermBytes,
                              bytes, in_quotes(id)));
}

/// A string, or "" for null and a key that is not there.
std::string text_of(JsonValue object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (!found || found->is_null()) return {};
  if (!found->is_string()) refuse(where, fmt::format("\"{}\" must be a string; was {}", key, found->type_name()));
  return found->string();
}

/// Texts of a field: of a string or a list of strings.
std::vector<std::string> texts_of(JsonValue value, const std::string& name, const std::string& where) {
  if (value.is_string()) return {value.string()};
  if (!value.is_array())
    refuse(where, fmt::format("\"{}\" must be a string or a list of strings; was {}", name, value.type_name()));
  std::vector<std::string> texts;
  for (const JsonValue element : value.elements()) {
    if (!element.is_string())
      refuse(where, fmt::format("\"{}\" must be a list of strings; has {}", name, element.type_name()));
    texts.push_back(element.string());
  }
  return texts;
}

auto others_of(JsonValue object, const DocumentFields& fields, const std::string& where) {
  decltype(CorpusDocument::others) others;
  for (const DocumentField& field : fields) {
    if (field.name == "title" || field.name == "text") continue;
    const auto found = object.find(field.name);
    if (!found || found->is_null()) continue;
    others.emplace_back(field.name, texts_of(*found, field.name, where));
  }
  return others;
}

void append_scalar(JsonValue value, std::vector<std::string>& values) {
  if (value.is_string())
    values.push_back(value.string());
  else if (value.is_number() || value.is_boolean())
    values.push_back(value.text());
}

auto metadata_of(JsonValue object, const std::string& where) {
  decltype(CorpusDocument::metadata) metadata;
  const auto found = object.find("metadata");
  if (!found || found->is_null()) return metadata;
  if (!found->is_object()) refuse(where, fmt::format("\"metadata\" must be an object; was {}", found->type_name()));
  found->each_member([&](const std::string& key, JsonValue value) {
    std::vector<std::string> values;
    if (value.is_array()) {
      for (const JsonValue element : value.elements()) append_scalar(element, values);
    } else {
      append_scalar(value, values);
    }
    if (!values.empty()) metadata.emplace_back(key, std::move(values));
  });
  return metadata;
}

Judgement parse_judgement(std::string_view line, const std::string& where) {
  const auto first = line.find('\t');
  const auto second = first == line.npos ? line.npos : line.find('\t', first + 1);
  if (second == line.npos || line.find('\t', second + 1) != line.npos)
    refuse(where,
           fmt::format("3 columns are needed (query, document, score); has {}", 1 + std::ranges::count(line, '\t')));
  const std::string_view score = line.substr(second + 1);
  Judgement judgement{std::string(line.substr(0, first)), std::string(line.substr(first + 1, second - first - 1)), 0};
  const auto [end, error] = std::from_chars(score.data(), score.data() + score.size(), judgement.score);
  if (error != std::errc() || end != score.data() + score.size() || !std::isfinite(judgement.score))
    refuse(where, fmt::format("the score must be a number; was {}", in_quotes(score)));
  if (judgement.query.empty() || judgement.document.empty()) refuse(where, "an id is empty");
  return judgement;
}

}  // namespace

std::vector<TextField> CorpusDocument::texts(const DocumentFields& fields) const {
  std::vector<TextField> result;
  for (const DocumentField& field : fields) {
    if (field.name == "title") {
      result.push_back({title, field.weight});
    } else if (field.name == "text") {
      result.push_back({text, field.weight});
    } else if (const auto found = std::ranges::find(others, field.name, [](const auto& other) { return other.first; });
               found != others.end()) {
      for (const std::string& value : found->second) result.push_back({value, field.weight});
    }
  }
  return result;
}

CorpusDocument parse_corpus_line(std::string_view line, const std::string& where, const DocumentFields& fields) {
  const JsonDocument parsed = parse_object(line, where);
  const JsonValue object = parsed.root();
  CorpusDocument document;
  document.id = id_of(object, where);
  check_id_length(document.id, where);
  document.title = text_of(object, "title", where);
  document.text = text_of(object, "text", where);
  document.metadata = metadata_of(object, where);
  document.others = others_of(object, fields, where);
  return document;
}

std::vector<CorpusQuery> read_queries(const std::string& path) {
  std::vector<CorpusQuery> queries;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    const std::string where = lines.where();
    const JsonDocument parsed = parse_object(line, where);
    queries.push_back({id_of(parsed.root(), where), text_of(parsed.root(), "text", where)});
  }
  return queries;
}

std::vector<Judgement> read_judgements(const std::string& path) {
  std::vector<Judgement> judgements;
  LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (line.empty() || (lines.line_number() == 1 && line == "query-id\tcorpus-id\tscore")) continue;
    judgements.push_back(parse_judgement(line, lines.where()));
  }
  return judgements;
}

}  // namespace vecterm
