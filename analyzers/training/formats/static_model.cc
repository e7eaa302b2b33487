// SPDX-License-Identifier: GPL-2.0-or-later
// Static embedding models over a subword tokenizer: Model2Vec, StaticEmbedding of sentence-transformers, WordLlama.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/training/formats/tensors.h"
#include "analyzers/training/formats/vector_formats.h"

namespace vecterm {
namespace {

class ModelReader {
 public:
  ModelReader(ByteReader bytes, const SubwordTokenizer& tokenizer, const WordVectorOptions& options)
      : input_(std::move(bytes)), tokenizer_(tokenizer), options_(options) {}

  WordVectors read() {
    read_tensors();
    make_rows();
    if (options_.words.empty()) {
      for (std::uint32_t piece = 0; piece < size(); ++piece)
        if (const auto word = is_used(piece) ? tokenizer_.word_of(piece) : std::nullopt) add_word(*word);
    } else {
      for (const std::string& word : options_.words) add_word(word);
    }
    for (std::uint32_t piece = 0; piece < size(); ++piece)
      if (is_used(piece)) add(piece_entry(tokenizer_.spellings()[piece]), row(piece));
    result_.dimensions = dimensions_;
    result_.pieces = tokenizer_.description();
    return std::move(result_);
  }

 private:
  std::size_t size() const { return tokenizer_.spellings().size(); }
  bool is_used(std::uint32_t piece) const {
    return !tokenizer_.spellings()[piece].empty() && !tokenizer_.is_special(piece);
  }
  std::span<const float> row(std::uint32_t piece) const {
    return std::span(rows_).subspan(piece * dimensions_, dimensions_);
  }

  [[noreturn]] void fail(const std::string& reason) const { throw DataError(input_.name() + ": " + reason); }

  /// The one that is asked for, or has one of the models' names, or is the only one with two dimensions.
  const Tensor& embedding_of(const std::vector<Tensor>& tensors) const {
    const auto only = [&](const auto& is_it) {
      const auto count = std::ranges::count_if(tensors, is_it);
      return count == 1 ? &*std::ranges::find_if(tensors, is_it) : nullptr;
    };
    const Tensor* found = options_.tensor.empty() ? only([](const Tensor& tensor) {
      return tensor.name == "embeddings" || tensor.name == "embedding.weight";
    })
                                                  : only([&](const Tensor& t) { return t.name == options_.tensor; });
    if (found == nullptr && options_.tensor.empty())
      found = only([](const Tensor& tensor) { return tensor.shape.size() == 2; });
    if (found != nullptr) return *found;
    std::vector<std::string> names;
    for (const Tensor& tensor : tensors) names.push_back(tensor.text());
    fail(
        fmt::format("a tensor must be named \"embeddings\" or \"embedding.weight\", be the only one with two "
                    "dimensions, or be chosen by name; there are {}",
                    fmt::join(names, ", ")));
  }

  void read_tensors() {
    std::vector<Tensor> tensors = take_tensors(input_);
    const std::uint64_t start = input_.offset();
    const std::string embeddings = embedding_of(tensors).name;
    std::ranges::sort(tensors, {}, &Tensor::begin);
    for (const Tensor& tensor : tensors) {
      if (tensor.name == embeddings)
        take_embeddings(tensor, start);
      else if (tensor.name == "weights")
        weights_ = take_list(tensor, start, false);
      else if (tensor.name == "mapping")
        mapping_ = take_list(tensor, start, true);
    }
  }

  /// Takes the numbers of a tensor. @param start  where the tensors' bytes begin in the file
  template <class Take>
  void take_numbers(const Tensor& tensor, std::uint64_t start, const TensorType& type, const Take& take) {
    if (start + tensor.begin < input_.offset()) fail(fmt::format("tensor {} lies in another one", tensor.text()));
    input_.skip(start + tensor.begin - input_.offset(), "the tensors");
    const std::uint64_t count = (tensor.end - tensor.begin) / type.bytes;
    for (std::uint64_t i = 0; i < count; ++i) {
      const double number = type.read(input_.take(type.bytes, "the tensors"), 0);
      if (!std::isfinite(number))
        fail(fmt::format("numbers of tensor {} must be finite; number {} was {}", tensor.text(), i, number));
      take(number);
    }
  }

  void take_embeddings(const Tensor& tensor, std::uint64_t start) {
    if (tensor.shape.size() != 2 || tensor.shape[1] < 1 || tensor.shape[1] > kMostDimensions)
      fail(fmt::format("tensor {} must have two dimensions, pieces and at most {} numbers", tensor.text(),
                       kMostDimensions));
    dimensions_ = tensor.shape[1];
    const TensorType& type = checked_type(tensor, input_);
    take_numbers(tensor, start, type, [&](double number) { embeddings_.push_back(static_cast<float>(number)); });
  }

  std::vector<double> take_list(const Tensor& tensor, std::uint64_t start, bool whole) {
    const TensorType& type = checked_type(tensor, input_);
    if (tensor.shape.size() != 1 || (whole && !type.is_whole))
      fail(fmt::format("tensor {} of {} must be a list of {}", tensor.text(), tensor.type,
                       whole ? "whole numbers" : "numbers"));
    std::vector<double> numbers;
    take_numbers(tensor, start, type, [&](double number) { numbers.push_back(number); });
    return numbers;
  }

  /// weight * embedding of each piece.
  void make_rows() {
    rows_.resize(size() * dimensions_);
    for (std::uint32_t piece = 0; piece < size(); ++piece) {
      if (!is_used(piece)) {
        result_.left_out["special tokens"] += tokenizer_.spellings()[piece].empty() ? 0 : 1;
        continue;
      }
      const std::span<const float> embedding = embedding_of(piece);
      const double weight = weights_.empty() ? 1 : weight_of(piece);
      std::ranges::transform(embedding, &rows_[piece * dimensions_],
                             [weight](float x) { return static_cast<float>(weight * double{x}); });
    }
    std::erase_if(result_.left_out, [](const auto& entry) { return entry.second == 0; });
  }

  std::span<const float> embedding_of(std::uint32_t piece) const {
    double place = piece;
    if (!mapping_.empty()) {
      if (piece >= mapping_.size()) fail_short("mapping", mapping_.size(), piece);
      place = mapping_[piece];
    }
    const std::size_t count = embeddings_.size() / dimensions_;
    if (!mapping_.empty() && !(place >= 0 && place < static_cast<double>(count)))
      fail(fmt::format("numbers of \"mapping\" must be in [0, {}); number {} was {}", count, piece, place));
    if (place >= static_cast<double>(count)) fail_short("the embeddings", count, piece);
    return std::span(embeddings_).subspan(static_cast<std::size_t>(place) * dimensions_, dimensions_);
  }

  double weight_of(std::uint32_t piece) const {
    if (piece >= weights_.size()) fail_short("weights", weights_.size(), piece);
    return weights_[piece];
  }

  [[noreturn]] void fail_short(const char* what, std::size_t size, std::uint32_t piece) const {
    fail(fmt::format("{} must have a row for each piece of the tokenizer; has {}, and {} has number {}", what, size,
                     in_quotes(tokenizer_.spellings()[piece]), piece));
  }

  /// The sum of a word's pieces.
  void add_word(const std::string& word) {
    const std::vector<std::uint32_t> pieces = tokenizer_.pieces(word);
    if (pieces.empty()) return ++result_.left_out["words without a piece"], void();
    std::vector<double> sum(dimensions_);
    for (const std::uint32_t piece : pieces)
      for (std::size_t i = 0; i < dimensions_; ++i) sum[i] += double{row(piece)[i]};
    const std::vector<float> total(sum.begin(), sum.end());
    add(word, total);
  }

  void add(const std::string& entry, std::span<const float> numbers) {
    result_.words.push_back(entry);
    result_.vectors.insert(result_.vectors.end(), numbers.begin(), numbers.end());
  }

  BinaryInput input_;
  const SubwordTokenizer& tokenizer_;
  const WordVectorOptions& options_;
  std::size_t dimensions_ = 0;
  std::vector<float> embeddings_;
  std::vector<double> weights_;
  std::vector<double> mapping_;
  std::vector<float> rows_;  ///< of each piece
  WordVectors result_;
};

}  // namespace

WordVectors read_static_model(ByteReader bytes, const SubwordTokenizer& tokenizer, const WordVectorOptions& options) {
  return ModelReader(std::move(bytes), tokenizer, options).read();
}

}  // namespace vecterm
