// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/label_classifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "analyzers/errors.h"
#include "analyzers/rows/kernels.h"

namespace vecterm {
namespace {

constexpr float kNoScore = -std::numeric_limits<float>::infinity();
constexpr std::uint32_t kMaxNeighbours = 1U << 31U;
constexpr double kMaxFactor = 1000;

void check(const LabelVoteOptions& options) {
  if (options.neighbours < 1 || options.neighbours >= kMaxNeighbours)
    throw InvalidArgument(fmt::format("neighbours must be in [1, {}]; was {}", kMaxNeighbours - 1, options.neighbours));
  if (!(options.temperature > 0 && options.temperature <= kMaxFactor))
    throw InvalidArgument(fmt::format("temperature must be in (0, {}]; was {}", kMaxFactor, options.temperature));
  if (!(options.description_weight >= 0 && options.description_weight <= kMaxFactor))
    throw InvalidArgument(
        fmt::format("description weight must be in [0, {}]; was {}", kMaxFactor, options.description_weight));
}

template <class Text>
TextVectors vectors_of(const Embedder& embedder, const Tokenizer& tokenizer, std::span<const Text> entries,
                       unsigned threads) {
  std::vector<std::string_view> texts;
  for (const Text& entry : entries) texts.push_back(entry.text);
  return embed_texts(embedder, tokenizer, texts, threads);
}

/// The numbers of the `k` largest values, largest first; of equal ones the smaller number first.
std::vector<std::uint32_t> largest(std::span<const float> values, std::size_t k) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto kept = static_cast<std::ptrdiff_t>(std::min(k, order.size()));
  std::partial_sort(order.begin(), order.begin() + kept, order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  });
  order.resize(static_cast<std::size_t>(kept));
  return order;
}

}  // namespace

LabelClassifier::LabelClassifier(const Embedder& embedder, const Tokenizer& tokenizer, const LabelSet& labels,
                                 std::span<const LabelledText> examples, const LabelVoteOptions& options)
    : options_(options), labels_(labels.size()) {
  check(options);
  for (const LabelSet::Description& description : labels.descriptions)
    label_of_description_.push_back(description.label);
  descriptions_ = vectors_of(embedder, tokenizer, std::span(labels.descriptions), options.threads);
  packed_descriptions_ = std::make_shared<const PackedRows>(descriptions_.units, descriptions_.dimensions);
  for (std::size_t i = 0; i < descriptions_.size(); ++i) described_.push_back(descriptions_.has_vector(i));
  add_examples(examples, vectors_of(embedder, tokenizer, examples, options.threads));
}

void LabelClassifier::add_examples(std::span<const LabelledText> examples, const TextVectors& vectors) {
  std::vector<float> rows;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (const std::uint32_t label : examples[i].labels)
      if (label >= labels_)
        throw InvalidArgument(fmt::format("a labelled text's label must be less than {}; was {}", labels_, label));
    if (!vectors.has_vector(i)) continue;
    labels_of_example_.push_back(examples[i].labels);
    rows.insert(rows.end(), vectors.row(i).begin(), vectors.row(i).end());
  }
  packed_examples_ = std::make_shared<const PackedRows>(rows, vectors.dimensions);
}

std::vector<double> LabelClassifier::votes(std::span<const float> unit) const {
  std::vector<float> cosines(packed_examples_->rows());
  packed_examples_->products(unit, cosines);
  std::vector<double> votes(labels_);
  double all = 0;
  for (const std::uint32_t example : largest(cosines, options_.neighbours)) {
    // A cosine of 1 weighs 1, so that small temperatures cannot overflow.
    const double weight = std::exp((static_cast<double>(cosines[example]) - 1) / options_.temperature);
    all += weight;
    for (const std::uint32_t label : labels_of_example_[example]) votes[label] += weight;
  }
  if (all > 0)
    for (double& vote : votes) vote /= all;
  return votes;
}

std::vector<float> LabelClassifier::scores(std::span<const float> unit) const {
  std::vector<float> cosines(packed_descriptions_->rows());
  packed_descriptions_->products(unit, cosines);
  std::vector<float> scores(labels_, kNoScore);
  for (std::size_t i = 0; i < cosines.size(); ++i)
    if (described_[i]) {
      float& score = scores[label_of_description_[i]];
      score = std::max(score, cosines[i]);
    }
  if (labels_of_example_.empty()) return scores;
  const std::vector<double> shares = votes(unit);
  for (std::size_t label = 0; label < labels_; ++label) {
    const double described =
        scores[label] == kNoScore ? 0 : options_.description_weight * static_cast<double>(scores[label]);
    if (scores[label] != kNoScore || shares[label] > 0) scores[label] = static_cast<float>(shares[label] + described);
  }
  return scores;
}

std::vector<std::uint32_t> LabelClassifier::best(std::span<const float> scores, std::size_t k) {
  std::vector<std::uint32_t> labels = largest(scores, k);
  std::erase_if(labels, [&](std::uint32_t label) { return scores[label] == kNoScore; });
  return labels;
}

}  // namespace vecterm
