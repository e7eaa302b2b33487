// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/ranking_key.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "plugin/documents/vector_reader.h"
#include "plugin/ranking/check.h"

namespace vecterm {
namespace {

// As a VectorReader gives it.
std::optional<double> document_cosine(const DocumentEmbedder& embedder, const UnitVector& unit,
                                      const Xapian::Document& document) {
  const IndexRecord& record = embedder.record();
  UnitVector row(record.dimensions);
  if (!decode_value(document.get_value(record.slot()), record.generation, row)) return std::nullopt;
  return defined_cosine(dot(unit, row));
}

double number(const Xapian::Document& document, Xapian::valueno slot) {
  const std::string value = document.get_value(slot);
  return value.empty() ? 0 : Xapian::sortable_unserialise(value);
}

}  // namespace

RankingKeyMaker::RankingKeyMaker(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit,
                                 const RankingExpression& expression, const RankingQuery& query)
    : embedder_(std::move(embedder)), unit_(std::move(unit)), expression_(expression), evaluator_(expression, query) {
  check_query_vector(*embedder_, unit_);
  check_expression(expression, {RankingVariable::kBm25, RankingVariable::kVotes, RankingVariable::kDoclength});
}

std::string RankingKeyMaker::operator()(const Xapian::Document& document) const {
  RankingHit hit;
  if (expression_.uses(RankingVariable::kCosine)) hit.cosine = document_cosine(*embedder_, unit_, document).value_or(0);
  std::vector<double> values;
  for (const Xapian::valueno slot : expression_.slots()) values.push_back(number(document, slot));
  hit.values = values;
  return Xapian::sortable_serialise(evaluator_(hit));
}

CosineSpy::CosineSpy(std::shared_ptr<const DocumentEmbedder> embedder, UnitVector unit)
    : embedder_(std::move(embedder)), unit_(std::move(unit)) {
  check_query_vector(*embedder_, unit_);
}

void CosineSpy::operator()(const Xapian::Document& document, double) {
  const std::optional<double> cosine = document_cosine(*embedder_, unit_, document);
  if (!cosine) {
    ++without_vector_;
    return;
  }
  const double bin = std::floor((*cosine + 1) * (kBins / 2));
  ++bins_[static_cast<std::size_t>(std::clamp(bin, 0.0, kBins - 1.0))];
  largest_ = std::max(largest_.value_or(*cosine), *cosine);
}

}  // namespace vecterm
