// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analyzers/errors.h"
#include "analyzers/text/segmenter.h"
#include "plugin/documents/vector_reader.h"
#include "plugin/query/parser.h"
#include "plugin/query/scanner.h"
#include "plugin/query/user_query.h"

namespace vecterm {
namespace {

// Shorter than this, a sum of float vectors is what rounding left of it.
constexpr double kCancelled = 1e-6;

}  // namespace

QueryBuilder::QueryBuilder(std::shared_ptr<const DocumentEmbedder> embedder)
    : embedder_(std::move(embedder)), tokenizer_(embedder_->embedder().dictionary().ngrams().bigrams) {}

Xapian::Query QueryBuilder::words(std::string_view text) const {
  check_query_size(text);
  const Xapian::Query query = stock_parser(embedder_->record().settings).parse_query(segmented(text), 0);
  if (query.get_length() > kMaxQueryWords)
    throw InvalidArgument(fmt::format("query must have at most {} words; had {}", kMaxQueryWords, query.get_length()));
  return query;
}

UserQuery QueryBuilder::parse_query(std::string_view text) const {
  return parse_user_query(text, embedder_->record().settings);
}

TermList QueryBuilder::terms(std::string_view text) const {
  check_query_size(text);
  return tokenizer_.terms(text);
}

std::optional<UnitVector> QueryBuilder::vector(std::string_view text) const {
  return embedder_->embedder().embed(terms(text));
}

std::optional<UnitVector> QueryBuilder::vector(const Xapian::Document& document) const {
  const IndexRecord& record = embedder_->record();
  UnitVector row(record.dimensions);
  if (!decode_value(document.get_value(record.slot()), record.generation, row)) return std::nullopt;
  if (leads_to_neighbours(record.settings.codec)) return normalised(row);
  const Embedder& embedder = embedder_->embedder();
  return embedder.embed(raw_terms(document, embedder.dictionary().ngrams().bigrams));
}

std::optional<UnitVector> QueryBuilder::combined(std::span<const WeightedVector> vectors) {
  if (vectors.empty()) return std::nullopt;
  EmbeddingSum sum(vectors.front().vector.size());
  for (const WeightedVector& one : vectors) {
    if (!std::isfinite(one.weight))
      throw InvalidArgument(fmt::format("weights of vectors to be combined must be finite; one was {}", one.weight));
    if (one.vector.size() != vectors.front().vector.size())
      throw InvalidArgument(fmt::format("vectors to be combined must have {} dimensions; one had {}",
                                        vectors.front().vector.size(), one.vector.size()));
    sum.add(one.weight, query_vector(one.vector, vectors.front().vector.size()));
  }
  std::optional<UnitVector> unit = sum.unit();
  if (!unit) return std::nullopt;
  double length = 0;
  double weights = 0;
  for (const WeightedVector& one : vectors) {
    length += one.weight * dot(*unit, one.vector);
    weights += std::abs(one.weight);
  }
  if (length < kCancelled * weights) return std::nullopt;
  return unit;
}

double QueryBuilder::coverage(std::string_view text) const {
  TermList distinct = terms(text);
  for (TermCount& term : distinct) term.wdf = 1;
  return embedder_->embedder().coverage(distinct);
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

Xapian::Query QueryBuilder::tokens(std::span<const float> vector, const ProbeLimits& limits) const {
  const HashSpace& space = embedder_->embedder().dictionary().hash_space();
  const UnitVector unit = query_vector(vector, space.dimensions());
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
