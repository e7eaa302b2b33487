// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/subwords/subword_tokenizer.h"
#include "analyzers/training/formats/binary_input.h"
#include "analyzers/training/formats/row_collector.h"
#include "analyzers/training/formats/tensors.h"
#include "analyzers/training/formats/vector_formats.h"
#include "analyzers/training/formats/word_list.h"

namespace vecterm {
namespace {

class TensorParser {
 public:
  TensorParser(ByteReader bytes, const WordVectorOptions& options)
      : input_(std::move(bytes)),
        options_(options),
        rows_(input_.name(), options.language, [this] { return in_list_ ? list_.where(row_) : input_.where(place_); }) {
  }

  WordVectors parse() {
    tensors_ = take_tensors(input_);
    const Tensor& tensor = choose();
    const TensorType& type = check(tensor);
    list_ = read_word_list(options_.word_list);
    if (list_.words.size() != tensor.shape[0])
      throw DataError(fmt::format("{}: there must be a word for each of the {} rows of {}; there are {}", list_.name,
                                  tensor.shape[0], in_quotes(tensor.name), list_.words.size()));
    rows_.reserve(tensor.shape[0]);
    input_.skip(tensor.begin, "the tensors");
    for (row_ = 0; row_ < list_.words.size(); ++row_) take_row(type);
    input_.skip(end_of(tensors_) - tensor.end, "the tensors");
    input_.expect_end();
    return rows_.finish();
  }

 private:
  const Tensor& choose() const {
    const Tensor* chosen = nullptr;
    std::string names;
    std::size_t candidates = 0;
    for (const Tensor& tensor : tensors_) {
      names += (names.empty() ? "" : ", ") + tensor.text();
      const bool wanted = options_.tensor.empty() ? tensor.shape.size() == 2 : tensor.name == options_.tensor;
      if (!wanted) continue;
      chosen = &tensor;
      ++candidates;
    }
    if (candidates == 1) return *chosen;
    if (options_.tensor.empty())
      rows_.fail(fmt::format("one tensor must have two dimensions, or be chosen by name; there are {}", names));
    rows_.fail(fmt::format("there is no tensor {}; there are {}", in_quotes(options_.tensor), names));
  }

  // Checks the tensor's shape, and sets the dimensions.
  const TensorType& check(const Tensor& tensor) {
    place_ = input_.offset();
    if (tensor.shape.size() != 2)
      rows_.fail(fmt::format("tensor {} must have two dimensions, words and numbers; had {}", in_quotes(tensor.name),
                             tensor.shape.size()));
    rows_.set_dimensions(tensor.shape[1]);
    numbers_.resize(tensor.shape[1]);
    return checked_type(tensor, input_);
  }

  void take_row(const TensorType& type) {
    place_ = input_.offset();
    const std::string_view bytes = input_.take(numbers_.size() * type.bytes, "the tensors");
    for (std::size_t i = 0; i < numbers_.size(); ++i)
      numbers_[i] = static_cast<float>(type.read(bytes, i * type.bytes));
    rows_.check_row(numbers_);
    in_list_ = true;
    rows_.add(list_.words[row_], numbers_);
    in_list_ = false;
  }

  BinaryInput input_;
  const WordVectorOptions& options_;
  std::uint64_t place_ = 0;  // of what is being read, for messages
  bool in_list_ = false;     // the word at hand is being checked, not the row
  std::size_t row_ = 0;
  WordList list_;
  std::vector<Tensor> tensors_;
  RowCollector rows_;
  std::vector<float> numbers_;  // of the row
};

}  // namespace

WordVectors read_safetensors(ByteReader bytes, const WordVectorOptions& options) {
  if (options.word_list.empty())
    throw InvalidArgument(fmt::format(
        "{} has rows without words: a list of words must be given, one a line, or the tokenizer.json", bytes.name()));
  if (const auto json = tokenizer_text(options.word_list))
    return read_static_model(std::move(bytes), *SubwordTokenizer::parse(*json, options.word_list), options);
  return TensorParser(std::move(bytes), options).parse();
}

}  // namespace vecterm
