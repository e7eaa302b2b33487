// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "analyzers/base/json.h"
#include "index/cli/cli.h"
#include "index/cli/dictionary_rows.h"
#include "index/cli/options.h"
#include "index/index.h"
#include "index/store/document_data.h"

namespace vecterm::cli {

namespace {

constexpr const char* kFooter = R"(Examples:
  vecterm inspect docs.db
  vecterm inspect docs.db 1842 --json)";

constexpr std::size_t kShownNumbers = 8;

struct InspectRequest {
  std::string database;
  std::string id;
  bool json = false;
  bool allow_programs = false;
};

struct IndexFacts {
  Xapian::doccount documents = 0;
  Xapian::doccount embedded = 0;  ///< carry the marker
  Xapian::doccount vectors = 0;
};

struct DocumentFacts {
  std::string id;
  Xapian::docid docid = 0;
  std::string title;
  std::vector<std::string> tokens;
  bool marker = false;
  std::optional<UnitVector> vector;
};

IndexFacts facts(Index& index) {
  IndexFacts facts;
  index.read([&] {
    const Xapian::Database& database = index.database();
    facts = {database.get_doccount(), database.get_termfreq(index.record().marker()),
             database.get_value_freq(index.record().slot())};
  });
  return facts;
}

DocumentFacts facts(Index& index, const std::string& id) {
  const Xapian::docid docid = index.docid(id);
  const Xapian::Document document = index.database().get_document(docid);
  const IndexRecord& record = index.record();
  DocumentFacts facts{document_id(document, docid), docid, document_title(document), {}, false, {}};
  const std::string prefix = record.settings.token_prefix + record.hash_space + '_';
  auto term = document.termlist_begin();
  for (term.skip_to(prefix); term != document.termlist_end() && (*term).starts_with(prefix); ++term)
    facts.tokens.push_back(*term);
  auto marker = document.termlist_begin();
  marker.skip_to(record.marker());
  facts.marker = marker != document.termlist_end() && *marker == record.marker();
  facts.vector = index.searcher().builder().vector(document);
  return facts;
}

Json json(const MetadataField& field) {
  return {{"name", field.name},
          {"prefix", field.prefix},
          {"slot", field.slot ? Json(*field.slot) : Json(nullptr)},
          {"type", field.number ? "number" : "string"}};
}

void print_index_json(Index& index, Output& out) {
  const IndexRecord& record = index.record();
  const HashSpace& space = index.dictionary().hash_space();
  const IndexFacts counted = facts(index);
  const NGramCounts entries = index.dictionary().entries();
  std::vector<std::string> names;
  for (const DocumentField& field : record.settings.fields) names.push_back(field.text());
  std::vector<Json> fields;
  for (const MetadataField& field : record.settings.metadata) fields.push_back(json(field));
  out.json(Json{{"documents", counted.documents},
                {"embedded", counted.embedded},
                {"vectors", counted.vectors},
                {"dictionary", Json{{"fingerprint", record.dictionary},
                                    {"words", entries.words},
                                    {"bigrams", entries.bigrams},
                                    {"trigrams", entries.trigrams},
                                    {"pieces", entries.pieces},
                                    {"components", index.dictionary().components()},
                                    {"dimensions", record.dimensions}}},
                {"hash_space", Json{{"id", record.hash_space},
                                    {"family", space.family()},
                                    {"tables", space.tables()},
                                    {"bits", space.bits()},
                                    {"rows", space.rows()}}},
                {"generation", record.generation},
                {"token_prefix", record.settings.token_prefix},
                {"marker", record.marker()},
                {"slot", record.slot()},
                {"codec", codec_name(record.settings.codec)},
                {"stemmer", record.settings.stemmer},
                {"stop_words", record.settings.stop_words},
                {"fields", names},
                {"metadata", fields}});
}

std::string describe(const MetadataField& field) {
  std::string text = field.number ? "number" : "string";
  if (!field.prefix.empty()) text += ", prefix " + field.prefix;
  if (field.slot) text += fmt::format(", slot {}", *field.slot);
  return text;
}

void print_index_table(Index& index, Output& out) {
  const IndexRecord& record = index.record();
  const HashSpace& space = index.dictionary().hash_space();
  const IndexFacts counted = facts(index);
  Rows rows{{"documents", fmt::format("{}", counted.documents)},
            {"embedded", fmt::format("{}", counted.embedded)},
            {"with vector", fmt::format("{}", counted.vectors)},
            {"dictionary", record.dictionary}};
  append_entries(index.dictionary(), "  ", rows);
  const Rows others{{"  dimensions", fmt::format("{}", record.dimensions)},
                    {"hash space", record.hash_space},
                    {"  family", std::string(space.family())},
                    {"  tables", fmt::format("{}", space.tables())},
                    {"  bits", fmt::format("{}", space.bits())},
                    {fmt::format("  {}", space.row_name()), fmt::format("{}", space.rows())},
                    {"generation", fmt::format("{}", record.generation)},
                    {"token prefix", record.settings.token_prefix},
                    {"slot", fmt::format("{}", record.slot())},
                    {"codec", std::string(codec_name(record.settings.codec))},
                    {"stemmer", record.settings.stemmer},
                    {"stop words", fmt::format("{}", record.settings.stop_words.size())},
                    {"fields", fields_text(record.settings.fields)}};
  rows.insert(rows.end(), others.begin(), others.end());
  for (const MetadataField& field : record.settings.metadata)
    rows.emplace_back("metadata " + field.name, describe(field));
  out.table(rows);
}

void print_document_json(const DocumentFacts& document, Output& out) {
  out.json(Json{{"id", document.id},
                {"docid", document.docid},
                {"title", document.title},
                {"tokens", document.tokens},
                {"marker", document.marker},
                {"vector", document.vector ? Json(*document.vector) : Json(nullptr)}});
}

std::string describe(const std::optional<UnitVector>& vector) {
  if (!vector) return "none";
  double squares = 0;
  for (const float number : *vector) squares += double{number} * double{number};
  std::string text;
  const std::size_t shown = std::min(kShownNumbers, vector->size());
  for (std::size_t i = 0; i < shown; ++i) text += fmt::format("{:.4f} ", (*vector)[i]);
  if (shown < vector->size()) text += "... ";
  return text + fmt::format("({} dimensions, norm {:.4f})", vector->size(), std::sqrt(squares));
}

void print_document_table(const DocumentFacts& document, Output& out) {
  out.table({{"id", document.id},
             {"docid", fmt::format("{}", document.docid)},
             {"title", document.title},
             {"tokens", fmt::format("{}", fmt::join(document.tokens, " "))},
             {"marker", document.marker ? "yes" : "no"},
             {"vector", describe(document.vector)}});
}

int run_inspect(const InspectRequest& request, Output& out) {
  Index index(request.database, {.dictionaries = dictionary_directories(), .allow_programs = request.allow_programs});
  if (request.id.empty()) {
    request.json ? print_index_json(index, out) : print_index_table(index, out);
  } else {
    DocumentFacts document;
    index.read([&] { document = facts(index, request.id); });
    request.json ? print_document_json(document, out) : print_document_table(document, out);
  }
  return kOk;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  const auto request = std::make_shared<InspectRequest>();
  CLI::App& verb = add_verb(app, "inspect", "Show what an index, or a document of it, holds", kFooter);
  add_text(verb, "DB", request->database, "DIR", "index to look into").required();
  add_text(verb, "ID", request->id, "ID", "a document's id");
  add_flag(verb, "--json", request->json, "one JSON object");
  add_allow_programs(verb, request->allow_programs);
  set_action(verb, action, [request](Output& out) { return run_inspect(*request, out); });
}

}  // namespace vecterm::cli
