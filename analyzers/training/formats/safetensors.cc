// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/half.h"
#include "analyzers/training/formats/binary_input.h"
#include "analyzers/training/formats/json_input.h"
#include "analyzers/training/formats/row_collector.h"
#include "analyzers/training/formats/vector_formats.h"
#include "analyzers/training/formats/word_list.h"

// safetensors (huggingface/safetensors, README.md, "Format"):
//
//     u64 n, the length of the header, at most 100,000,000
//     n bytes of JSON: {"NAME": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [begin, end]}, ...,
//                       "__metadata__": {...}}
//     the tensors' bytes, row-major; data_offsets count from here
namespace vecterm {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

struct NumberType {
  std::string_view name;
  std::size_t bytes;
  float (*read)(std::string_view bytes, std::size_t offset);
};

constexpr NumberType kNumberTypes[] = {
    {"F64", 8, [](std::string_view b, std::size_t i) { return static_cast<float>(number_at<double>(b, i)); }},
    {"F32", 4, [](std::string_view b, std::size_t i) { return number_at<float>(b, i); }},
    {"F16", 2, [](std::string_view b, std::size_t i) { return float_of_half(number_at<std::uint16_t>(b, i)); }},
    {"BF16", 2,
     [](std::string_view b, std::size_t i) {
       return std::bit_cast<float>(std::uint32_t{number_at<std::uint16_t>(b, i)} << 16U);
     }},
};

struct Tensor {
  std::string name;
  std::string type;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class TensorParser {
 public:
  TensorParser(ByteReader bytes, const WordVectorOptions& options)
      : input_(std::move(bytes)),
        options_(options),
        rows_(input_.name(), options.language, [this] { return in_list_ ? list_.where(row_) : input_.where(place_); }) {
  }

  WordVectors parse() {
    take_header();
    const Tensor& tensor = choose();
    const NumberType& type = check(tensor);
    list_ = read_word_list(options_.word_list);
    if (list_.entries.size() != tensor.shape[0])
      throw DataError(fmt::format("{}: there must be a word for each of the {} rows of {}; there are {}", list_.name,
                                  tensor.shape[0], in_quotes(tensor.name), list_.entries.size()));
    rows_.reserve(tensor.shape[0]);
    input_.skip(tensor.begin, "the tensors");
    for (row_ = 0; row_ < list_.entries.size(); ++row_) take_row(type);
    input_.skip(data_bytes_ - tensor.end, "the tensors");
    input_.expect_end();
    return rows_.finish();
  }

 private:
  void take_header() {
    const auto length = input_.take_number<std::uint64_t>("the length of the header");
    if (length > kMaxHeaderBytes)
      rows_.fail(fmt::format("the length of the header must be in [2, {}]; was {}", kMaxHeaderBytes, length));
    input_.require(length, 1, 0, "the bytes of the header");
    place_ = input_.offset();
    const JsonDocument document =
        parse_json(input_.take(length, "the header"), [this](std::size_t byte, const char* what) {
          place_ += byte;
          rows_.fail(fmt::format("the header must be JSON; is {}", what));
        });
    const JsonValue header = document.root();
    if (!header.is_object()) rows_.fail("the header must be a JSON object");
    header.each_member([this](const std::string& name, JsonValue value) {
      if (name != "__metadata__") take_tensor(name, value);
    });
    for (const Tensor& tensor : tensors_) data_bytes_ = std::max(data_bytes_, tensor.end);
    input_.require(data_bytes_, 1, place_, "the bytes of the tensors");
  }

  void take_tensor(const std::string& name, JsonValue value) {
    Tensor tensor{name, "", numbers(name, value, "shape"), 0, 0};
    const std::vector<std::uint64_t> offsets = numbers(name, value, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      rows_.fail(fmt::format("data_offsets of tensor {} must be a begin and an end", in_quotes(name)));
    const auto type = value.find("dtype");
    if (!type || !type->is_string()) rows_.fail(fmt::format("tensor {} must have a dtype", in_quotes(name)));
    tensor.type = type->string();
    tensor.begin = offsets[0];
    tensor.end = offsets[1];
    tensors_.push_back(std::move(tensor));
  }

  std::vector<std::uint64_t> numbers(const std::string& name, JsonValue tensor, const char* key) const {
    std::vector<std::uint64_t> result;
    const auto list = tensor.find(key);
    const bool is_list = list && list->is_array();
    if (is_list)
      for (const JsonValue number : list->elements())
        if (number.is_whole_number()) result.push_back(number.whole_number());
    if (!is_list || result.size() != list->size())
      rows_.fail(fmt::format("{} of tensor {} must be a list of whole numbers", key, in_quotes(name)));
    return result;
  }

  const Tensor& choose() const {
    const Tensor* chosen = nullptr;
    std::string names;
    std::size_t candidates = 0;
    for (const Tensor& tensor : tensors_) {
      names +=
          fmt::format("{}{} [{}]", names.empty() ? "" : ", ", in_quotes(tensor.name), fmt::join(tensor.shape, ", "));
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

  // Checks all numbers of the tensor, and sets the dimensions.
  const NumberType& check(const Tensor& tensor) {
    const auto type = std::find_if(std::begin(kNumberTypes), std::end(kNumberTypes),
                                   [&](const NumberType& known) { return known.name == tensor.type; });
    if (type == std::end(kNumberTypes))
      rows_.fail(fmt::format("dtype of tensor {} must be F64, F32, F16 or BF16; was {}", in_quotes(tensor.name),
                             in_quotes(tensor.type)));
    if (tensor.shape.size() != 2)
      rows_.fail(fmt::format("tensor {} must have two dimensions, words and numbers; had {}", in_quotes(tensor.name),
                             tensor.shape.size()));
    rows_.set_dimensions(tensor.shape[1]);
    const std::uint64_t row_bytes = tensor.shape[1] * type->bytes;
    const std::uint64_t bytes = tensor.end - tensor.begin;
    if (bytes % row_bytes != 0 || bytes / row_bytes != tensor.shape[0])
      rows_.fail(fmt::format("data_offsets of tensor {} must span {} rows of {} bytes; spanned {} bytes",
                             in_quotes(tensor.name), tensor.shape[0], row_bytes, bytes));
    numbers_.resize(tensor.shape[1]);
    return *type;
  }

  void take_row(const NumberType& type) {
    place_ = input_.offset();
    const std::string_view bytes = input_.take(numbers_.size() * type.bytes, "the tensors");
    for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i] = type.read(bytes, i * type.bytes);
    rows_.check_row(numbers_);
    const WordList::Entry& entry = list_.entries[row_];
    if (!entry.left_out.empty()) return rows_.leave_out(std::string(entry.left_out));
    in_list_ = true;
    rows_.add(entry.word, numbers_);
    in_list_ = false;
  }

  BinaryInput input_;
  const WordVectorOptions& options_;
  std::uint64_t place_ = 0;  // of what is being read, for messages
  bool in_list_ = false;     // the word at hand is being checked, not the row
  std::size_t row_ = 0;
  WordList list_;
  std::vector<Tensor> tensors_;
  std::uint64_t data_bytes_ = 0;  // of all tensors
  RowCollector rows_;
  std::vector<float> numbers_;  // of the row
};

}  // namespace

WordVectors read_safetensors(ByteReader bytes, const WordVectorOptions& options) {
  if (options.word_list.empty())
    throw InvalidArgument(fmt::format(
        "{} has rows without words: a list of words must be given, one a line, or the tokenizer.json", bytes.name()));
  return TensorParser(std::move(bytes), options).parse();
}

}  // namespace vecterm
