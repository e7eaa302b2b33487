// SPDX-License-Identifier: GPL-2.0-or-later
// Tests static_model.cc, tensors.cc, and what read_word_vectors() makes of folders.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/training/word_vectors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/text.h"
#include "tests/support/vectors.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

namespace fs = std::filesystem;

const std::string kWordPiece = R"({"normalizer": {"type": "BertNormalizer", "lowercase": true},
  "pre_tokenizer": {"type": "BertPreTokenizer"}, "added_tokens": [{"id": 0, "content": "[UNK]", "special": true}],
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "edit": 1, "##or": 2, "text": 3, ".": 4,
    "js": 5}}})";

/// A tensor of a file.
struct Stored {
  std::string name;
  std::string type;
  std::vector<std::uint64_t> shape;
  std::string bytes;
};

std::string file_of(const std::vector<Stored>& tensors) {
  std::string header, data;
  for (const Stored& tensor : tensors) {
    std::string shape;
    for (const std::uint64_t size : tensor.shape) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", size);
    header +=
        fmt::format(R"({}"{}": {{"dtype": "{}", "shape": [{}], "data_offsets": [{}, {}]}})", header.empty() ? "" : ", ",
                    tensor.name, tensor.type, shape, data.size(), data.size() + tensor.bytes.size());
    data += tensor.bytes;
  }
  return safetensors("{" + header + "}", data);
}

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  std::string bytes;
  for (const Number number : numbers) append_number<Number>(bytes, number);
  return bytes;
}

Stored embeddings(const std::vector<float>& numbers, const std::string& name = "embeddings") {
  return {name, "F32", {numbers.size() / 2, 2}, bytes_of(numbers)};
}

const Stored kSix = embeddings({9, 9, 1, 0, 0, 1, 2, 2, 5, 0, 0, 7});

/// A folder of a model.
class Model {
 public:
  explicit Model(const std::vector<Stored>& tensors, const std::string& tokenizer = kWordPiece,
                 const std::string& below = "") {
    const fs::path folder = fs::path(directory / below);
    fs::create_directories(folder);
    write_file(folder / "model.safetensors", file_of(tensors));
    write_file(folder / "tokenizer.json", tokenizer);
  }

  std::string path() const { return directory / ""; }
  WordVectors read(const std::vector<std::string>& words = {}) const {
    WordVectorOptions options;
    options.words = words;
    return read_word_vectors(path(), options);
  }
  std::string failure() const {
    return message_of<DataError>([&] { read(); });
  }

  TemporaryDirectory directory;
};

std::map<std::string, std::vector<float>> rows_of(const WordVectors& vectors) {
  std::map<std::string, std::vector<float>> rows;
  for (std::size_t i = 0; i < vectors.words.size(); ++i)
    rows[vectors.words[i]] = {vectors.vectors[2 * i], vectors.vectors[2 * i + 1]};
  return rows;
}

using Rows = std::map<std::string, std::vector<float>>;

const Rows kPieces{{"  edit", {1, 0}}, {"  ##or", {0, 1}}, {"  text", {2, 2}}, {"  .", {5, 0}}, {"  js", {0, 7}}};

}  // namespace

TEST_CASE("a model over WordPiece gives whole words and pieces, and words of a corpus the sums of theirs") {
  const Model model({kSix});
  Rows expected = kPieces;
  for (const char* word : {"edit", "text", ".", "js"}) expected[word] = kPieces.at(std::string("  ") + word);
  const WordVectors whole = model.read();
  CHECK(rows_of(whole) == expected);
  CHECK(whole.left_out == std::map<std::string, std::uint64_t>{{"special tokens", 1}});
  const WordVectors asked = model.read({"editor", "text.js", "editors", "edit"});
  expected = kPieces;
  expected["editor"] = {1, 1};
  expected["text.js"] = {7, 9};
  expected["edit"] = {1, 0};
  CHECK(rows_of(asked) == expected);
  CHECK(asked.left_out.at("words without a piece") == 1);  // "editors"
}

TEST_CASE("a piece's row is its weight times the embedding that the mapping names") {
  const Stored mapping{"mapping", "I64", {6}, bytes_of<std::int64_t>({0, 2, 1, 0, 1, 1})};
  const Stored weights{"weights", "F64", {6}, bytes_of<double>({1, 0.5, 2, 3, 0, 1})};
  const Rows rows = rows_of(Model({embeddings({1, 2, 3, 4, 5, 6}), mapping, weights}).read({"editor"}));
  CHECK(rows.at("  edit") == std::vector<float>{2.5F, 3});
  CHECK(rows.at("  ##or") == std::vector<float>{6, 8});
  CHECK(rows.at("  text") == std::vector<float>{3, 6});
  CHECK(rows.at("editor") == std::vector<float>{8.5F, 11});
  // The tensors may lie in any order, and whole numbers of 32 bits serve as well.
  const Stored small{"mapping", "I32", {6}, bytes_of<std::int32_t>({0, 2, 1, 0, 1, 1})};
  CHECK(rows_of(Model({weights, small, embeddings({1, 2, 3, 4, 5, 6})}).read({"editor"})) == rows);
}

TEST_CASE("numbers of 8 bits are read as what they are") {
  const Stored whole{"embeddings", "I8", {6, 2}, bytes_of<std::int8_t>({0, 0, 1, -128, 127, 0, 0, 0, 0, 0, 0, 0})};
  CHECK(rows_of(Model({whole}).read()).at("  edit") == std::vector<float>{1, -128});
  // E4M3: 1.0, -448 (the largest), 2^-9 (the smallest), 0.
  const Stored tiny{"embeddings", "F8_E4M3", {6, 2}, std::string("\0\0\x38\xFE\x01\0\x3C\x40\0\0\0\0", 12)};
  const Rows rows = rows_of(Model({tiny}).read());
  CHECK(rows.at("  edit") == std::vector<float>{1, -448});
  CHECK(rows.at("  ##or") == std::vector<float>{0x1p-9F, 0});
  CHECK(rows.at("  text") == std::vector<float>{1.5F, 2});
  const Stored broken{"embeddings", "F8_E4M3", {6, 2}, std::string("\x7F", 1) + std::string(11, '\0')};
  CHECK(Model({broken}).failure().find("must be finite; number 0 was nan") != std::string::npos);
}

TEST_CASE("folders of sentence-transformers have the model below, or its tensor under another name") {
  CHECK(rows_of(Model({kSix}, kWordPiece, "0_StaticEmbedding").read()).at("  edit") == std::vector<float>{1, 0});
  Stored renamed = kSix;
  renamed.name = "embedding.weight";
  CHECK(rows_of(Model({renamed, {"bias", "F32", {1}, bytes_of<float>({1})}}).read()).size() == 9);
  renamed.name = "anything";
  CHECK(rows_of(Model({renamed}).read()).size() == 9);
  CHECK(message_of<DataError>([] {
          const TemporaryDirectory empty;
          read_word_vectors(empty / "");
        }).find("has no model.safetensors") != std::string::npos);
}

TEST_CASE("a dictionary of such a model embeds any word as the sum of its pieces") {
  const Model model({kSix});
  DictionaryContents contents = dictionary_contents(model.read({"text"}), std::nullopt);
  contents.hash_space = small_cells(2);
  CHECK(contents.ngrams.pieces);
  CHECK(contents.weights == std::vector<float>(6, 1.0F));
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  CHECK(dictionary->entries().text() == "1 words, 5 pieces");
  CHECK(dictionary->subwords_of("editor") == std::vector<std::string>{"  edit", "  ##or"});
  CHECK(dictionary->contents().pieces == contents.pieces);
  CHECK(serialise_dictionary(dictionary->contents()) == dictionary->bytes());
  const Embedder embedder(dictionary);
  const auto unit = embedder.embed({{"editor", 2}, {"text", 1}});  // (2, 2) + (2, 2)
  REQUIRE(unit);
  CHECK((*unit)[0] == doctest::Approx(std::sqrt(0.5)));
  CHECK((*unit)[1] == doctest::Approx(std::sqrt(0.5)));
  CHECK(embedder.coverage({{"editor", 1}, {"nothing", 1}}) == doctest::Approx(0.5));
  CHECK_FALSE(embedder.embed({{"  edit", 1}}));  // a term of a host that is spelled like a piece
  CHECK_FALSE(embedder.embed({{"nothing", 1}}));
}

TEST_CASE("what of a model does not fit together is an error that names it") {
  const auto has = [](const std::string& message, const std::string& part) {
    INFO(message);
    return message.find(part) != std::string::npos;
  };
  CHECK(has(Model({embeddings({1, 2, 3, 4})}).failure(),
            "the embeddings must have a row for each piece of the tokenizer; has 2, and \"##or\" has number 2"));
  const auto mapping = [&](const std::vector<std::int64_t>& numbers) {
    return Model({kSix, {"mapping", "I64", {numbers.size()}, bytes_of(numbers)}}).failure();
  };
  CHECK(has(mapping({0, 1, 2, 3, 4}), "mapping must have a row for each piece"));
  CHECK(has(mapping({0, 1, 2, 3, 4, 6}), "numbers of \"mapping\" must be in [0, 6); number 5 was 6"));
  CHECK(has(mapping({0, 1, 2, 3, -4, 5}), "numbers of \"mapping\" must be in [0, 6); number 4 was -4"));
  CHECK(has(Model({kSix, {"mapping", "F32", {6}, bytes_of<float>({0, 1, 2, 3, 4, 5})}}).failure(),
            "must be a list of whole numbers"));
  CHECK(has(Model({kSix, {"weights", "F32", {3, 2}, bytes_of<float>({0, 1, 2, 3, 4, 5})}}).failure(),
            "must be a list of numbers"));
  CHECK(has(Model({kSix, {"weights", "F32", {2}, bytes_of<float>({0, 1})}}).failure(), "weights must have a row"));
  CHECK(has(Model({kSix, {"weights", "U4", {2}, "ab"}}).failure(), "dtype of tensor \"weights\" must be F64, F32"));
  CHECK(has(Model({{"embeddings", "F32", {6, 3}, bytes_of<float>(std::vector<float>(12))}}).failure(),
            "data_offsets of tensor \"embeddings\" [6, 3] must span numbers of 4 bytes; spanned 48 bytes"));
  CHECK(has(Model({{"embeddings", "F32", {1, 5000}, bytes_of<float>(std::vector<float>(5000))}}).failure(),
            "at most 4096 numbers"));
  Stored other = kSix;
  other.name = "embedding.weight";
  CHECK(
      has(Model({kSix, other}).failure(), "be chosen by name; there are \"embedding.weight\" [6, 2], \"embeddings\""));
  CHECK(
      has(Model({kSix}, R"({"model": {"type": "Char"}})").failure(), "tokenizer.json: the tokenizer's model must be"));
}
