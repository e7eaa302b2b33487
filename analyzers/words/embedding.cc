// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/embedding.h"

#include <fmt/format.h>

#include <cmath>

#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"
#include "analyzers/words/term_parts.h"

namespace vecterm {
namespace {

/// A dictionary as visit_parts() asks it.
struct DictionaryEntries {
  const Dictionary& dictionary;

  std::optional<std::uint32_t> own(std::string_view term) const {
    // Not a term that a host spelled like a trigram or a piece.
    if (dictionary.ngrams().any() && term.starts_with(' ')) return std::nullopt;
    return dictionary.find(term);
  }
  bool holds_subwords(std::uint32_t) const { return true; }
  template <class Take>
  bool visit_subwords(std::string_view term, const Take& take) const {
    bool is_any_known = false;
    for (const std::string& subword : dictionary.subwords_of(term)) {
      const auto entry = dictionary.find(subword);
      if (entry) take(*entry);
      is_any_known = is_any_known || entry;
    }
    return is_any_known;
  }
};

/// As Embedder::add(). `row` is overwritten.
bool add_term(const Dictionary& dictionary, const TermCount& term, std::span<float> row, std::span<double> sum) {
  return visit_parts(DictionaryEntries{dictionary}, std::string_view(term.term), [&](std::uint32_t entry) {
    dictionary.copy_vector(entry, row);
    add_scaled(static_cast<double>(term.wdf) * static_cast<double>(dictionary.weight(entry)), row, sum);
  });
}

}  // namespace

void EmbeddingSum::add(double factor, std::span<const float> row) { add_scaled(factor, row, sum_); }

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
  for (const TermCount& term : terms) add_term(*dictionary_, term, row, sum.values());
  return sum.unit();
}

bool Embedder::add(const TermCount& term, std::span<double> sum) const {
  std::vector<float> row(dictionary_->dimensions());
  return add_term(*dictionary_, term, row, sum);
}

WordCounts Embedder::words(const TermList& terms) const {
  WordCounts counts;
  for (const auto& [term, wdf] : terms) {
    if (!is_word(term)) continue;
    counts.all += wdf;
    if (dictionary_->find(term)) counts.known += wdf;
  }
  return counts;
}

double Embedder::coverage(const TermList& terms) const {
  std::vector<double> ignored(dictionary_->dimensions());
  std::uint64_t all = 0;
  std::uint64_t covered = 0;
  for (const TermCount& term : terms) {
    if (!is_word(term.term)) continue;
    all += term.wdf;
    if (add(term, ignored)) covered += term.wdf;
  }
  return all == 0 ? 0 : static_cast<double>(covered) / static_cast<double>(all);
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
