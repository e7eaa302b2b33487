// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/formats/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "analyzers/base/json.h"
#include "analyzers/base/wording.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/half.h"
#include "analyzers/training/formats/json_input.h"

namespace vecterm {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;

/// E4M3 of "FP8 formats for deep learning" (Micikevicius et al., 2022): no infinity, one NaN of either sign.
double float_of_e4m3(std::uint8_t byte) {
  const int exponent = byte >> 3U & 0xF;
  const int fraction = byte & 7;
  if (exponent == 15 && fraction == 7) return std::numeric_limits<double>::quiet_NaN();
  const double size = exponent == 0 ? std::ldexp(fraction, -9) : std::ldexp(8 + fraction, exponent - 10);
  return (byte & 0x80U) != 0 ? -size : size;
}

template <class Number>
double as_it_is(std::string_view bytes, std::size_t offset) {
  return static_cast<double>(number_at<Number>(bytes, offset));
}

constexpr TensorType kTypes[] = {
    {"F64", 8, false, as_it_is<double>},
    {"F32", 4, false, as_it_is<float>},
    {"F16", 2, false,
     [](std::string_view b, std::size_t i) { return double{float_of_half(number_at<std::uint16_t>(b, i))}; }},
    {"BF16", 2, false,
     [](std::string_view b, std::size_t i) {
       return double{std::bit_cast<float>(std::uint32_t{number_at<std::uint16_t>(b, i)} << 16U)};
     }},
    {"F8_E4M3", 1, false,
     [](std::string_view b, std::size_t i) { return float_of_e4m3(number_at<std::uint8_t>(b, i)); }},
    {"I8", 1, true, as_it_is<std::int8_t>},
    {"I32", 4, true, as_it_is<std::int32_t>},
    {"I64", 8, true, as_it_is<std::int64_t>},
};

/// Reads the members of the header.
class HeaderParser {
 public:
  HeaderParser(BinaryInput& input, std::uint64_t place) : input_(input), place_(place) {}

  void take(const std::string& name, JsonValue value) {
    Tensor tensor{name, "", numbers(name, value, "shape"), 0, 0};
    const std::vector<std::uint64_t> offsets = numbers(name, value, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail(fmt::format("data_offsets of tensor {} must be a begin and an end", in_quotes(name)));
    const auto type = value.find("dtype");
    if (!type || !type->is_string()) fail(fmt::format("tensor {} must have a dtype", in_quotes(name)));
    tensor.type = type->string();
    tensor.begin = offsets[0];
    tensor.end = offsets[1];
    tensors.push_back(std::move(tensor));
  }

  std::vector<Tensor> tensors;

 private:
  [[noreturn]] void fail(const std::string& reason) const { input_.fail(place_, reason); }

  std::vector<std::uint64_t> numbers(const std::string& name, JsonValue tensor, const char* key) const {
    std::vector<std::uint64_t> result;
    const auto list = tensor.find(key);
    const bool is_list = list && list->is_array();
    if (is_list)
      for (const JsonValue number : list->elements())
        if (number.is_whole_number()) result.push_back(number.whole_number());
    if (!is_list || result.size() != list->size())
      fail(fmt::format("{} of tensor {} must be a list of whole numbers", key, in_quotes(name)));
    return result;
  }

  BinaryInput& input_;
  std::uint64_t place_;
};

}  // namespace

std::string Tensor::text() const { return fmt::format("{} [{}]", in_quotes(name), fmt::join(shape, ", ")); }

std::vector<Tensor> take_tensors(BinaryInput& input) {
  const auto length = input.take_number<std::uint64_t>("the length of the header");
  if (length > kMaxHeaderBytes)
    input.fail(0, fmt::format("the length of the header must be in [2, {}]; was {}", kMaxHeaderBytes, length));
  input.require(length, 1, 0, "the bytes of the header");
  const std::uint64_t place = input.offset();
  const JsonDocument document = parse_json(input.take(length, "the header"), [&](std::size_t byte, const char* what) {
    input.fail(place + byte, fmt::format("the header must be JSON; is {}", what));
  });
  if (!document.root().is_object()) input.fail(place, "the header must be a JSON object");
  HeaderParser header(input, place);
  document.root().each_member([&](const std::string& name, JsonValue value) {
    if (name != "__metadata__") header.take(name, value);
  });
  input.require(end_of(header.tensors), 1, place, "the bytes of the tensors");
  return std::move(header.tensors);
}

const TensorType& checked_type(const Tensor& tensor, const BinaryInput& input) {
  const auto fail = [&](const std::string& reason) { input.fail(input.offset(), reason); };
  const auto* const type = std::ranges::find(kTypes, tensor.type, &TensorType::name);
  if (type == std::end(kTypes))
    fail(fmt::format("dtype of tensor {} must be F64, F32, F16, BF16, F8_E4M3, I8, I32 or I64; was {}",
                     in_quotes(tensor.name), in_quotes(tensor.type)));
  const std::uint64_t bytes = tensor.end - tensor.begin;
  std::uint64_t left = bytes;
  for (const std::uint64_t size : tensor.shape) {
    if (size == 0 || left % size != 0) left = 0;
    if (left > 0) left /= size;
  }
  if (left != type->bytes)
    fail(fmt::format("data_offsets of tensor {} must span numbers of {} bytes; spanned {} bytes", tensor.text(),
                     type->bytes, bytes));
  return *type;
}

std::uint64_t end_of(const std::vector<Tensor>& tensors) {
  std::uint64_t end = 0;
  for (const Tensor& tensor : tensors) end = std::max(end, tensor.end);
  return end;
}

}  // namespace vecterm
