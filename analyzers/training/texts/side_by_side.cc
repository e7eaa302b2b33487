// SPDX-License-Identifier: GPL-2.0-or-later
// side_by_side() of trainer.h.
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/trainer.h"

namespace vecterm {
namespace {

/// The entries of a dictionary by their spelling.
class Entries {
 public:
  explicit Entries(const DictionaryContents& contents) : contents_(contents) {
    for (std::size_t i = 0; i < contents.words.size(); ++i) numbers_.emplace(contents.words[i], i);
  }

  std::optional<std::size_t> find(std::string_view word) const {
    const auto found = numbers_.find(word);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  std::span<const float> row(std::size_t i) const {
    return std::span(contents_.vectors).subspan(i * contents_.dimensions, contents_.dimensions);
  }
  double weight(std::size_t i) const { return contents_.weights[i]; }
  std::size_t dimensions() const { return contents_.dimensions; }

 private:
  const DictionaryContents& contents_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
};

/// The root mean square of the texts' norms before they are scaled to 1.
double typical_norm(const Entries& entries, const TrainingData& data, std::size_t texts) {
  std::vector<std::optional<std::size_t>> entry_of_word;
  for (const std::string& word : data.words()) entry_of_word.push_back(entries.find(word));
  double squares = 0;
  std::size_t embedded = 0;
  for (std::size_t text = 0; text < texts; ++text) {
    EmbeddingSum sum(entries.dimensions());
    for (const auto& [word, wdf] : data.bag(text))
      if (const auto entry = entry_of_word[word]) sum.add(wdf * entries.weight(*entry), entries.row(*entry));
    double square = 0;
    for (const double number : sum.values()) square += number * number;
    squares += square;
    embedded += square > 0 ? 1 : 0;
  }
  return embedded == 0 ? 0 : std::sqrt(squares / static_cast<double>(embedded));
}

void check(const DictionaryContents& first, const DictionaryContents& second, const TrainingData& data,
           std::size_t texts) {
  if (texts > data.size())
    throw InvalidArgument(fmt::format("texts must be at most {}, the number of entities; was {}", data.size(), texts));
  if (!first.components.empty() || !second.components.empty())
    throw InvalidArgument("dictionaries side by side must have a vector for each word; one of them is hashed");
  if (second.ngrams.any()) throw InvalidArgument("the second dictionary side by side must have no n-grams; has some");
}

void append(DictionaryContents& to, std::span<const float> row, double factor) {
  for (const float number : row) to.vectors.push_back(static_cast<float>(factor * static_cast<double>(number)));
}

void append_zeros(DictionaryContents& to, std::size_t count) { to.vectors.resize(to.vectors.size() + count); }

}  // namespace

DictionaryContents side_by_side(const DictionaryContents& first, const DictionaryContents& second,
                                const TrainingData& data, std::size_t texts) {
  check(first, second, data, texts);
  const Entries left(first), right(second);
  const double norm = typical_norm(right, data, texts);
  const double scale = norm > 0 ? typical_norm(left, data, texts) / norm : 0;
  DictionaryContents both = first;
  both.dimensions = first.dimensions + second.dimensions;
  both.vectors.clear();
  for (std::size_t i = 0; i < first.words.size(); ++i) {
    append(both, left.row(i), 1);
    const auto other = right.find(first.words[i]);
    if (other && left.weight(i) > 0)
      append(both, right.row(*other), scale * right.weight(*other) / left.weight(i));
    else
      append_zeros(both, second.dimensions);
  }
  for (std::size_t i = 0; i < second.words.size(); ++i) {
    if (left.find(second.words[i])) continue;
    both.words.push_back(second.words[i]);
    both.counts.push_back(second.counts[i]);
    both.weights.push_back(second.weights[i]);
    append_zeros(both, first.dimensions);
    append(both, right.row(i), scale);
  }
  both.provenance = Json{{"trainer", "vecterm"},
                         {"method", "side by side"},
                         {"first", Json::object_of(first.provenance)},
                         {"second", Json::object_of(second.provenance)}}
                        .sorted_text();
  return both;
}

}  // namespace vecterm
