// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/embedding.h"

#include <fmt/format.h>

#include <cmath>

#include "analyzers/errors.h"

namespace vecterm {

void EmbeddingSum::add(double factor, std::span<const float> row) {
  for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += factor * static_cast<double>(row[i]);
}

std::optional<UnitVector> EmbeddingSum::unit() const {
  double squares = 0;
  for (const double value : sum_) squares += value * value;
  const double norm = std::sqrt(squares);
  if (!(norm > 0) || !std::isfinite(norm)) return std::nullopt;
  UnitVector unit(sum_.size());
  for (std::size_t i = 0; i < sum_.size(); ++i) unit[i] = static_cast<float>(sum_[i] / norm);
  return unit;
}

Embedder::Embedder(std::shared_ptr<const Dictionary> dictionary) : dictionary_(std::move(dictionary)) {
  if (dictionary_ == nullptr) throw InvalidArgument("embedder: a dictionary is missing");
}

std::optional<UnitVector> Embedder::embed(const TermList& terms) const {
  EmbeddingSum sum(dictionary_->dimensions());
  std::vector<float> row(dictionary_->dimensions());
  for (const auto& [term, wdf] : terms) {
    const auto word = dictionary_->find(term);
    if (!word) continue;
    dictionary_->copy_vector(*word, row);
    sum.add(static_cast<double>(wdf) * static_cast<double>(dictionary_->weight(*word)), row);
  }
  return sum.unit();
}

double Embedder::coverage(const TermList& terms) const {
  std::uint64_t known = 0;
  std::uint64_t all = 0;
  for (const auto& [term, wdf] : terms) {
    all += wdf;
    if (dictionary_->find(term)) known += wdf;
  }
  return all == 0 ? 0 : static_cast<double>(known) / static_cast<double>(all);
}

std::optional<UnitVector> normalised(std::span<const float> vector) {
  for (std::size_t i = 0; i < vector.size(); ++i)
    if (!std::isfinite(vector[i]))
      throw InvalidArgument(fmt::format("vector: numbers must be finite; number {} was {}", i, vector[i]));
  EmbeddingSum sum(vector.size());
  sum.add(1, vector);
  return sum.unit();
}

}  // namespace vecterm
