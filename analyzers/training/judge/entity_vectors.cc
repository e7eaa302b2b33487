// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/entity_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "analyzers/errors.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/training/numbers/weighted_sum.h"
#include "analyzers/words/term_parts.h"

namespace vecterm {
namespace {

/// Dictionary contents as visit_parts() asks them.
class ContentsEntries {
 public:
  explicit ContentsEntries(const DictionaryContents& contents) : contents_(contents) {
    for (std::size_t i = 0; i < contents.words.size(); ++i) numbers_.emplace(contents.words[i], i);
    if (contents.ngrams.pieces) tokenizer_ = SubwordTokenizer::parse(contents.pieces, "dictionary");
  }

  std::optional<std::size_t> own(std::string_view term) const {
    const auto found = numbers_.find(term);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  /// Vectors of known words do, mixtures of components do not.
  bool holds_subwords(std::size_t entry) const { return contents_.components.empty() || contents_.weights[entry] == 0; }
  template <class Take>
  bool visit_subwords(std::string_view term, const Take& take) const {
    for (const std::string& subword : subwords_of(term, contents_.ngrams, tokenizer_.get()))
      if (const auto entry = own(subword)) take(*entry);
    return true;
  }

 private:
  const DictionaryContents& contents_;
  std::shared_ptr<const SubwordTokenizer> tokenizer_;  ///< null without pieces
  std::unordered_map<std::string_view, std::size_t> numbers_;
};

/// What each of the data's words adds to an embedding, as an Embedder has it: factors of a dictionary's vectors, or of
/// its components.
class WordShares {
 public:
  WordShares(const DictionaryContents& contents, const TrainingData& data)
      : contents_(contents), rows_(is_hashed() ? contents.components : contents.vectors) {
    const ContentsEntries entries(contents);
    for (const std::string& word : data.words()) {
      known_.push_back(entries.own(word).has_value());
      visit_parts(entries, std::string_view(word), [this](std::size_t entry) { take(entry); });
      ends_.push_back(shares_.size());
    }
  }

  bool is_known(std::uint32_t word) const { return known_[word]; }

  void add(std::uint32_t word, std::uint32_t wdf, EmbeddingSum& sum) const {
    const std::size_t d = contents_.dimensions;
    for (std::size_t i = word == 0 ? 0 : ends_[word - 1]; i < ends_[word]; ++i)
      sum.add(shares_[i].factor * wdf, rows_.subspan(shares_[i].row * d, d));
  }

 private:
  bool is_hashed() const { return !contents_.components.empty(); }

  void take(std::size_t entry) {
    const double weight = contents_.weights[entry];
    if (!is_hashed()) return shares_.push_back({static_cast<std::uint32_t>(entry), weight});
    const auto components = components_of(contents_.words[entry], rows_.size() / contents_.dimensions);
    for (std::size_t k = 0; k < components.size(); ++k)
      shares_.push_back({static_cast<std::uint32_t>(components[k]), weight * double{contents_.mixing[2 * entry + k]}});
  }

  const DictionaryContents& contents_;
  std::span<const float> rows_;
  std::vector<bool> known_;        ///< of each word, whether the dictionary has it
  std::vector<std::size_t> ends_;  ///< of each word's shares
  std::vector<Share<double>> shares_;
};

}  // namespace

EntityVectors entity_vectors(const DictionaryContents& dictionary, const TrainingData& data) {
  const auto words = std::make_shared<const WordShares>(dictionary, data);
  EntityVectors vectors;
  vectors.dimensions = dictionary.dimensions;
  vectors.knows = [words](std::uint32_t word) { return words->is_known(word); };
  vectors.embed = [words, &dictionary, &data](std::uint32_t entity, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    if (const auto fixed = data.vector(entity); !fixed.empty()) return std::ranges::copy(fixed, out.begin()), void();
    EmbeddingSum sum(dictionary.dimensions);
    for (const auto& [word, wdf] : data.bag(entity)) words->add(word, wdf, sum);
    if (const auto unit = sum.unit()) std::ranges::copy(*unit, out.begin());
  };
  return vectors;
}

EntityVectors entity_vectors(const Embedder& embedder, const TrainingData& data) {
  EntityVectors vectors;
  vectors.dimensions = embedder.dictionary().dimensions();
  if (data.dimensions() != 0 && data.dimensions() != vectors.dimensions)
    throw InvalidArgument(fmt::format("entity vectors must have {} dimensions, as the dictionary has; have {}",
                                      vectors.dimensions, data.dimensions()));
  vectors.knows = [&](std::uint32_t word) { return embedder.dictionary().find(data.words()[word]).has_value(); };
  vectors.embed = [&](std::uint32_t entity, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    if (const auto fixed = data.vector(entity); !fixed.empty()) return std::ranges::copy(fixed, out.begin()), void();
    TermList terms;
    for (const auto& [word, wdf] : data.bag(entity)) terms.push_back({data.words()[word], wdf});
    if (const auto unit = embedder.embed(terms)) std::ranges::copy(*unit, out.begin());
  };
  return vectors;
}

}  // namespace vecterm
