// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analyzers/errors.h"
#include "plugin/documents/vector_reader.h"
#include "plugin/xapian_tokenizer.h"

namespace vecterm {
namespace {

double product(std::span<const double> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * static_cast<double>(b[i]);
  return sum;
}

// What scales a vector to norm 1; zero where that is not possible.
double inverse_norm(std::span<const double> vector) {
  double squares = 0;
  for (const double value : vector) squares += value * value;
  return squares > 0 && std::isfinite(squares) ? 1 / std::sqrt(squares) : 0;
}

// The embedding of words, not rounded, with each word's share of its product with another vector.
struct Split {
  std::vector<double> unit;       // of norm 1; zero where the words have no embedding
  std::vector<WordShare> shares;  // they sum to unit . other
  std::vector<std::string> unknown;
};

Split split(const Embedder& embedder, const TermList& terms, std::span<const float> other) {
  Split result;
  result.unit.resize(embedder.dictionary().dimensions());
  std::vector<double> addend(result.unit.size());
  for (const TermCount& term : terms) {
    std::ranges::fill(addend, 0.0);
    if (embedder.add(term, addend)) {
      for (std::size_t i = 0; i < addend.size(); ++i) result.unit[i] += addend[i];
      result.shares.push_back({term.term, product(addend, other)});
    } else if (embedder.is_word(term.term)) {
      result.unknown.push_back(term.term);
    }
  }
  const double scale = inverse_norm(result.unit);
  for (double& value : result.unit) value *= scale;
  for (WordShare& word : result.shares) word.share *= scale;
  return result;
}

bool is_vector(const QueryMeaning::Part& part) { return part.terms.empty() && !part.unit.empty(); }

// The same of one part of a query.
Split split(const Embedder& embedder, const QueryMeaning::Part& part, std::span<const float> other) {
  if (!is_vector(part)) return split(embedder, part.terms, other);
  const std::vector<double> unit(part.unit.begin(), part.unit.end());
  return {unit, {{part.label, product(unit, other)}}, {}};
}

// With vectors of norm 1.
QueryMeaning checked(QueryMeaning query, std::size_t dimensions) {
  query.unit = query_vector(query.unit, dimensions);
  for (QueryMeaning::Part& part : query.parts) {
    if (!std::isfinite(part.weight))
      throw InvalidArgument(fmt::format("weight of a part of the query must be finite; was {}", part.weight));
    if (is_vector(part)) part.unit = query_vector(part.unit, dimensions);
  }
  return query;
}

double sorted_sum(std::vector<WordShare>& shares) {
  std::sort(shares.begin(), shares.end(), [](const WordShare& a, const WordShare& b) {
    return a.share != b.share ? a.share > b.share : a.word < b.word;
  });
  double sum = 0;
  for (const WordShare& word : shares) sum += word.share;
  return sum;
}

void split_query(const Embedder& embedder, const QueryMeaning& query, std::span<const float> stored,
                 CosineExplanation& explanation) {
  std::vector<double> total(embedder.dictionary().dimensions());
  std::map<std::string, double> words;
  std::vector<WordShare>& shares = explanation.query;
  for (const QueryMeaning::Part& part : query.parts) {
    const Split parted = split(embedder, part, stored);
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += part.weight * parted.unit[i];
    for (const auto& [word, share] : parted.shares) {
      if (is_vector(part)) {
        shares.push_back({word, part.weight * share});
      } else {
        words[word] += part.weight * share;
      }
    }
    explanation.unknown.insert(explanation.unknown.end(), parted.unknown.begin(), parted.unknown.end());
  }
  for (const auto& [word, share] : words) shares.push_back({word, share});
  const double scale = inverse_norm(total);
  for (WordShare& word : shares) word.share *= scale;
  std::vector<std::string>& unknown = explanation.unknown;
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
}

}  // namespace

std::optional<CosineExplanation> explain_cosine(const DocumentEmbedder& embedder, const QueryMeaning& asked,
                                                const Xapian::Document& document) {
  if (asked.unit.empty()) return std::nullopt;
  const IndexRecord& record = embedder.record();
  const NGramKinds ngrams = embedder.embedder().dictionary().ngrams();
  const QueryMeaning query = checked(asked, record.dimensions);
  UnitVector stored(record.dimensions);
  if (!decode_value(document.get_value(record.slot()), record.generation, stored)) return std::nullopt;
  // Searches count such a vector as unrelated.
  if (!std::all_of(stored.begin(), stored.end(), [](float value) { return std::isfinite(value); }))
    std::fill(stored.begin(), stored.end(), 0.0F);

  CosineExplanation explanation;
  explanation.cosine = static_cast<double>(defined_cosine(dot(query.unit, stored)));
  split_query(embedder.embedder(), query, stored, explanation);
  explanation.query_rounding = explanation.cosine - sorted_sum(explanation.query);
  explanation.document = split(embedder.embedder(), raw_terms(document, ngrams.bigrams), query.unit).shares;
  explanation.document_rounding = explanation.cosine - sorted_sum(explanation.document);
  return explanation;
}

}  // namespace vecterm
