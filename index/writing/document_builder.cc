// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/document_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"

namespace vecterm {
namespace {

constexpr std::size_t kSnippetBytes = 80;

// The beginning of a text, cut between characters.
std::string_view snippet(std::string_view text) {
  if (text.size() <= kSnippetBytes) return text;
  std::size_t end = kSnippetBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string data_of(const CorpusDocument& source) {
  const std::string_view title = source.title.empty() ? snippet(source.text) : source.title;
  return Json{{"id", source.id}, {"title", title}}.exact_text();
}

double number_of(const std::string& value, const MetadataField& field, const std::string& where) {
  double number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number))
    throw DataError(fmt::format("{}: metadata \"{}\" must be a number; was {}", where, field.name, in_quotes(value)));
  return number;
}

void add_terms(Xapian::Document& document, const MetadataField& field, const std::vector<std::string>& values,
               const std::string& where) {
  for (const std::string& value : values) {
    if (value.empty()) continue;
    const std::string term = field.term(value);
    // Xapian stores a NUL as two bytes.
    const auto bytes = term.size() + static_cast<std::size_t>(std::ranges::count(term, '\0'));
    if (bytes > schema::kMaxTermBytes)
      throw DataError(fmt::format("{}: the term of metadata \"{}\" must have at most {} bytes; has {}: {}", where,
                                  field.name, schema::kMaxTermBytes, bytes, in_quotes(value)));
    document.add_boolean_term(term);
  }
}

void add_metadata(Xapian::Document& document, const CorpusDocument& source, const AnalyzerSettings& settings,
                  const std::string& where) {
  for (const MetadataField& field : settings.metadata) {
    const auto found = std::ranges::find(source.metadata, field.name, [](const auto& entry) { return entry.first; });
    if (found == source.metadata.end()) continue;
    const std::vector<std::string>& values = found->second;
    if (!field.prefix.empty()) add_terms(document, field, values, where);
    if (!field.slot) continue;
    document.add_value(*field.slot, field.number ? Xapian::sortable_serialise(number_of(values.front(), field, where))
                                                 : values.front());
  }
}

}  // namespace

DocumentBuilder::Built DocumentBuilder::build(const CorpusDocument& source, const std::string& where) {
  Xapian::Document document;
  document.set_data(data_of(source));
  document.add_boolean_term(schema::id_term(source.id));
  add_metadata(document, source, settings_, where);
  generator_.set_document(document);
  for (const TextField& field : source.texts(settings_.fields)) {
    generator_.index_text(field.text, field.weight);
    generator_.increase_termpos();
  }
  return {document, generator_.add_embedding()};
}

}  // namespace vecterm
