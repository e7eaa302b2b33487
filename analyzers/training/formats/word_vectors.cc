// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_vectors.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/training/training_data.h"

namespace vecterm {
namespace {

// How likely each word is: by the counts, or by the rank and Zipf's law.
std::vector<double> probabilities(std::size_t size, const std::vector<std::uint64_t>& counts) {
  std::vector<double> shares(size);
  for (std::size_t i = 0; i < size; ++i)
    shares[i] = counts.empty() ? 1.0 / static_cast<double>(i + 1) : static_cast<double>(counts[i]);
  const double total = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (total > 0)
    for (double& share : shares) share /= total;
  return shares;
}

}  // namespace

VectorFormat vector_format_from_name(std::string_view name) {
  constexpr std::pair<std::string_view, VectorFormat> kNames[] = {{"auto", VectorFormat::kAutomatic},
                                                                  {"text", VectorFormat::kWord2vecText},
                                                                  {"word2vec", VectorFormat::kWord2vecBinary},
                                                                  {"fasttext", VectorFormat::kFastText},
                                                                  {"safetensors", VectorFormat::kSafetensors}};
  for (const auto& [known, format] : kNames)
    if (name == known) return format;
  throw InvalidArgument(fmt::format("format must be auto, text, word2vec, fasttext or safetensors; was \"{}\"", name));
}

std::vector<std::uint64_t> count_words(std::span<const std::string> words, const TrainingData& data) {
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < words.size(); ++i) numbers.emplace(words[i], i);
  std::vector<std::uint64_t> totals(data.words().size());
  for (std::size_t entity = 0; entity < data.size(); ++entity)
    for (const auto& [word, wdf] : data.bag(entity)) totals[word] += wdf;
  std::vector<std::uint64_t> counts(words.size());
  for (std::size_t word = 0; word < totals.size(); ++word)
    if (const auto found = numbers.find(data.words()[word]); found != numbers.end())
      counts[found->second] = totals[word];
  return counts;
}

DictionaryContents dictionary_contents(WordVectors vectors, std::optional<double> sif) {
  const std::size_t size = vectors.words.size();
  std::vector<std::uint64_t>& counts = vectors.counts;
  if (sif && !(*sif > 0 && *sif <= 1)) throw InvalidArgument(fmt::format("sif must be in (0, 1]; was {}", *sif));
  if (!counts.empty() && counts.size() != size)
    throw InvalidArgument(fmt::format("counts must be one a word, {}; were {}", size, counts.size()));
  if (vectors.vectors.size() != size * vectors.dimensions)
    throw InvalidArgument(
        fmt::format("vectors must have {} x {} values; had {}", size, vectors.dimensions, vectors.vectors.size()));
  Json left_out;
  for (const auto& [reason, count] : vectors.left_out) left_out.set(reason, count);
  const Json provenance{{"method", "import"},
                        {"words", size},
                        {"duplicates", vectors.duplicates},
                        {"left_out", left_out},
                        {"sif", sif ? Json(*sif) : Json(nullptr)},
                        {"frequencies", counts.empty() ? "zipf" : "counts"}};
  DictionaryContents contents;
  contents.weights.assign(size, 1.0F);
  const std::vector<double> p = probabilities(size, counts);
  for (std::size_t i = 0; i < size && sif; ++i)
    if (vectors.pieces.empty() || ngram_of(vectors.words[i]) != NGram::kPiece)
      contents.weights[i] = static_cast<float>(*sif / (*sif + p[i]));
  contents.ngrams.pieces = !vectors.pieces.empty();
  contents.pieces = std::move(vectors.pieces);
  contents.dimensions = vectors.dimensions;
  contents.words = std::move(vectors.words);
  contents.vectors = std::move(vectors.vectors);
  contents.counts = counts.empty() ? std::vector<std::uint64_t>(size) : std::move(counts);
  contents.provenance = provenance.exact_text();
  return contents;
}

std::vector<float> weighted_mean(const DictionaryContents& contents) {
  const std::size_t d = contents.dimensions;
  std::vector<double> sum(d);
  double total = 0;
  for (std::size_t i = 0; i < contents.words.size(); ++i) {
    const auto row = std::span(contents.vectors).subspan(i * d, d);
    double squares = 0;
    for (std::size_t j = 0; j < d; ++j) {
      sum[j] += double{contents.weights[i]} * double{row[j]};
      squares += double{row[j]} * double{row[j]};
    }
    total += double{contents.weights[i]} * std::sqrt(squares);
  }
  std::vector<float> mean(d);
  for (std::size_t j = 0; j < d && total > 0; ++j) mean[j] = static_cast<float>(sum[j] / total);
  return mean;
}

}  // namespace vecterm
