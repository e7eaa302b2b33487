// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "analyzers/errors.h"
#include "analyzers/training/word_vectors.h"
#include "tests/support/support.h"
#include "tests/support/text.h"
#include "tests/support/vectors.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Safetensors with one tensor of n x 2 numbers.
std::string tensors(const std::string& type, const std::vector<float>& numbers) {
  std::string data;
  for (const float number : numbers) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    if (type == "F64") append_number<double>(data, number);
    if (type == "F32") append_number<float>(data, number);
    if (type == "BF16") append_number<std::uint16_t>(data, static_cast<std::uint16_t>(bits >> 16));
    // Normal numbers only: sign, five bits of exponent, ten of the fraction.
    if (type == "F16")
      append_number<std::uint16_t>(
          data, static_cast<std::uint16_t>((bits >> 16 & 0x8000) | (((bits >> 23 & 0xFF) - 112) << 10) |
                                           (bits >> 13 & 0x3FF)));
  }
  return safetensors(fmt::format(R"({{"t":{{"dtype":"{}","shape":[{},2],"data_offsets":[0,{}]}}}})", type,
                                 numbers.size() / 2, data.size()),
                     data);
}

WordVectors read_tensors(const std::string& content, const std::string& words, const std::string& tensor = "",
                         bool automatic = false) {
  const TemporaryDirectory directory;
  WordVectorOptions options;
  if (!automatic) options.format = VectorFormat::kSafetensors;
  options.word_list = write_file(directory / "words", words);
  options.tensor = tensor;
  return read_word_vectors(write_file(directory / "vectors", content), options);
}

/// The message without the directory.
std::string tensors_failure(const std::string& content, const std::string& words, const std::string& tensor = "") {
  const std::string message = message_of<DataError>([&] { read_tensors(content, words, tensor); });
  const std::size_t name = std::min(message.find("/vectors"), message.find("/words"));
  return message.substr(name + 1);
}

}  // namespace

TEST_CASE("safetensors of every kind of float give the rows of a list of words") {
  const std::vector<float> expected{1, -0.5F, 2, 0.25F};
  for (const std::string type : {"F64", "F32", "F16", "BF16"}) {
    CAPTURE(type);
    const WordVectors vectors = read_tensors(tensors(type, expected), "caf\xC3\xA9\nnew york\n");
    CHECK(vectors.words == std::vector<std::string>{"caf\xC3\xA9", "new york"});
    CHECK(vectors.vectors == expected);
    CHECK(vectors.counts.empty());
  }
  CHECK(read_tensors(gzipped(tensors("F32", expected)), gzipped("a\r\nb")).words == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the tensor is the only one with two dimensions or chosen by name") {
  const std::string header = R"({"weights": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
    "a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [4, 12]}, "__metadata__": {"format": "pt"})";
  std::string data;
  append_floats(data, {9, 1, 2, 3, 4});
  CHECK(read_tensors(safetensors(header + "}", data.substr(0, 12)), "w\n").vectors == std::vector<float>{1, 2});
  const std::string two =
      safetensors(header + R"(, "b": {"dtype": "F32", "shape": [1, 2], "data_offsets": [12, 20]}})", data);
  CHECK(read_tensors(two, "w\n", "b").vectors == std::vector<float>{3, 4});
  CHECK(tensors_failure(two, "w\n")
            .find(": one tensor must have two dimensions, or be chosen by name; there are "
                  "\"a\" [1, 2], \"b\" [1, 2], \"weights\" [1]") != std::string::npos);
  CHECK(tensors_failure(two, "w\n", "c").find(": there is no tensor \"c\"; there are \"a\"") != std::string::npos);
  CHECK(tensors_failure(two, "w\n", "weights").find("must have two dimensions, words and numbers; had 1") !=
        std::string::npos);
}

TEST_CASE("numbers of safetensors that do not fit together are errors") {
  const auto broken = [](const std::string& tensor, const std::string& words = "a\nb\n") {
    const std::string message = tensors_failure(safetensors("{\"t\": {" + tensor + "}}", std::string(16, '\0')), words);
    return message.substr(message.find(": ") + 2);
  };
  CHECK(broken(R"("dtype": "U8", "shape": [2, 8], "data_offsets": [0, 16])") ==
        "dtype of tensor \"t\" must be F64, F32, F16, BF16, F8_E4M3, I8, I32 or I64; was \"U8\"");
  CHECK(broken(R"("dtype": "F32", "shape": [2, 3], "data_offsets": [0, 16])") ==
        "data_offsets of tensor \"t\" [2, 3] must span numbers of 4 bytes; spanned 16 bytes");
  CHECK(broken(R"("dtype": "F32", "shape": [4611686018427387906, 2], "data_offsets": [0, 16])") ==
        "data_offsets of tensor \"t\" [4611686018427387906, 2] must span numbers of 4 bytes; spanned 16 bytes");
  CHECK(broken(R"("dtype": "F32", "shape": [2, 0], "data_offsets": [0, 16])") ==
        "dimensions must be in [1, 4096]; was 0");
  CHECK(broken(R"("dtype": "F32", "shape": [2, -2], "data_offsets": [0, 16])") ==
        "shape of tensor \"t\" must be a list of whole numbers");
  CHECK(broken(R"("dtype": "F32", "shape": [2, 2], "data_offsets": [16, 0])") ==
        "data_offsets of tensor \"t\" must be a begin and an end");
  CHECK(broken(R"("dtype": "F32", "shape": [2, 4], "data_offsets": [0, 32])") ==
        "the bytes of the tensors must fit into the file; were 32 of at least 1 bytes, but at most 16 bytes follow");
  CHECK(broken(R"("dtype": "F32", "shape": [2, 2])") == "data_offsets of tensor \"t\" must be a list of whole numbers");
  CHECK(broken(R"("shape": [2, 2], "data_offsets": [0, 16])") == "tensor \"t\" must have a dtype");
  const std::string sound = R"("dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16])";
  CHECK(broken(sound, "a\n") == "there must be a word for each of the 2 rows of \"t\"; there are 1");
  CHECK(broken(sound, "a\n\n") == "the word must not be empty");
  CHECK(tensors_failure(tensors("F32", {1, 2, 3, 4}), "a\n\xFF\n") ==
        "words, line 2: the word must be valid UTF-8; was \"\uFFFD\"");
  CHECK(tensors_failure(tensors("F32", {1, 2, 3, kNan}), "a\nb\n") ==
        "vectors, byte 73: number 2 of the row must be finite; was nan");
  CHECK(tensors_failure(tensors("F64", {1, 2, 3, 4}) + "x", "a\nb\n").find("the file must end here") !=
        std::string::npos);
  CHECK(tensors_failure(safetensors("{\"t\": }", ""), "a\n") ==
        "vectors, byte 14: the header must be JSON; is damaged");
  CHECK(tensors_failure(safetensors("{\"t\": " + std::string(200000, '['), ""), "a\n") ==
        "vectors, byte 77: the header must be JSON; is nested too deep");
}

TEST_CASE("safetensors without a list of words are refused") {
  const TemporaryDirectory directory;
  const std::string path = write_file(directory / "vectors", tensors("F32", {1, 2}));
  CHECK(message_of<InvalidArgument>([&] { read_word_vectors(path); }) ==
        path + " has rows without words: a list of words must be given, one a line, or the tokenizer.json");
}

TEST_CASE("cut or damaged safetensors are an error and never a crash") {
  check_damage<DataError>(tensors("F32", {1, 2, 3, 4}),
                          [](const std::string& content) { read_tensors(content, "a\nb\n"); });
  check_damage<Error>(tensors("F32", {1, 2, 3, 4}),
                      [](const std::string& content) { read_tensors(content, "a\nb\n", "", true); });
  const std::string tokenizer = R"({"model":{"type":"WordLevel","vocab":{"a":0,"b":1}}})";
  check_damage<DataError>(tokenizer, [](const std::string& words) {
    read_tensors(tensors("F32", {1, 2, 3, 4}), words);
  });
}
