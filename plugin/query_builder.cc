// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "analyzers/segmenter.h"

namespace vecterm {
namespace {

// Xapian builds a tree as deep as the brackets and recurses over it.
constexpr int kMaxDepth = 200;

void check_text(std::string_view text) {
  if (text.size() > QueryBuilder::kMaxQueryBytes)
    throw InvalidArgument(
        fmt::format("query must have at most {} bytes; had {}", QueryBuilder::kMaxQueryBytes, text.size()));
}

void check_depth(std::string_view text) {
  const auto brackets = std::count(text.begin(), text.end(), '(');
  if (brackets > kMaxDepth)
    throw InvalidArgument(fmt::format("query must have at most {} brackets; had {}", kMaxDepth, brackets));
}

}  // namespace

QueryBuilder::QueryBuilder(std::shared_ptr<const DocumentEmbedder> embedder) : embedder_(std::move(embedder)) {}

Xapian::Query QueryBuilder::parse(std::string_view text, unsigned flags) const {
  check_text(text);
  const AnalyzerSettings& settings = embedder_->record().settings;
  Xapian::QueryParser parser;
  parser.set_stemmer(settings.stem());
  parser.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
  parser.set_default_op(Xapian::Query::OP_OR);
  const auto stopper = settings.stopper();
  parser.set_stopper(stopper.get());
  for (const MetadataField& field : settings.metadata)
    if (!field.prefix.empty()) parser.add_boolean_prefix(field.name, field.prefix);
  try {
    return parser.parse_query(segmented(text), flags);
  } catch (const Xapian::QueryParserError& error) {
    throw InvalidArgument("query: " + error.get_msg());
  }
}

Xapian::Query QueryBuilder::words(std::string_view text) const { return parse(text, 0); }

Xapian::Query QueryBuilder::parse_words(std::string_view text) const {
  check_depth(text);
  return parse(text, Xapian::QueryParser::FLAG_DEFAULT);
}

std::optional<UnitVector> QueryBuilder::vector(std::string_view text) const {
  check_text(text);
  return embedder_->embedder().embed(tokenizer_.terms(text));
}

std::optional<UnitVector> QueryBuilder::vector(const Xapian::Document& document) const {
  const IndexRecord& record = embedder_->record();
  UnitVector row(record.dimensions);
  if (!decode_value(document.get_value(record.slot()), record.generation, row)) return std::nullopt;
  return normalised(row);
}

Xapian::Query QueryBuilder::similar_words(const Xapian::Database& database, const Xapian::Document& document,
                                          std::size_t most) const {
  struct Weighted {
    double weight;
    std::string term;
  };
  const bool stems = embedder_->record().settings.stemmer != "none";
  const auto n = static_cast<double>(database.get_doccount());
  std::vector<Weighted> terms;
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term) {
    const std::string text = *term;
    if (stems ? text[0] != 'Z' : !schema::is_raw_term(text)) continue;
    const auto termfreq = static_cast<double>(std::max(1U, database.get_termfreq(text)));
    terms.push_back({term.get_wdf() * std::log(n / termfreq), text});
  }
  const std::size_t kept = std::min(most, terms.size());
  std::partial_sort(terms.begin(), terms.begin() + static_cast<std::ptrdiff_t>(kept), terms.end(),
                    [](const Weighted& a, const Weighted& b) {
                      return a.weight != b.weight ? a.weight > b.weight : a.term < b.term;
                    });
  std::vector<Xapian::Query> queries;
  for (std::size_t i = 0; i < kept; ++i) queries.emplace_back(terms[i].term);
  return Xapian::Query(Xapian::Query::OP_OR, queries.begin(), queries.end());
}

Xapian::Query QueryBuilder::tokens(std::span<const float> unit, const ProbeLimits& limits) const {
  const HashSpace& space = embedder_->embedder().dictionary().hash_space();
  if (unit.size() != space.dimensions())
    throw InvalidArgument(fmt::format("query vector must have {} dimensions; had {}", space.dimensions(), unit.size()));
  std::vector<Xapian::Query> queries;
  for (const Probe& probe : space.probes(unit, limits))
    queries.emplace_back(Xapian::Query::OP_SCALE_WEIGHT, Xapian::Query(embedder_->term(probe.bucket)),
                         static_cast<double>(probe.weight));
  return Xapian::Query(Xapian::Query::OP_OR, queries.begin(), queries.end());
}

Xapian::Query QueryBuilder::filter(std::string_view text) const {
  if (text.empty()) throw InvalidArgument("filter must be a term or name:value; was empty");
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos)
    for (const MetadataField& field : embedder_->record().settings.metadata)
      if (!field.prefix.empty() && field.name == text.substr(0, colon))
        return Xapian::Query(field.term(text.substr(colon + 1)));
  return Xapian::Query(std::string(text));
}

}  // namespace vecterm
