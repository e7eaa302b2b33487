// SPDX-License-Identifier: GPL-2.0-or-later
// Tests binary_input.cc, fasttext_model.cc, row_collector.cc, word2vec_binary.cc, word2vec_text.cc, word_list.cc and read_word_vectors.cc, too.
// word2vec binary and fastText models; word_vectors_test.cc has text and what comes after reading.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "analyzers/base/line_reader.h"
#include "analyzers/errors.h"
#include "analyzers/training/word_vectors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/text.h"
#include "tests/support/vectors.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
const std::vector<FileRow> kRows{{"the", {0.5F, -1}}, {"caf\xC3\xA9", {2, 3.25F}}};

WordVectors read(const std::string& content, const WordVectorOptions& options = {}) {
  const TemporaryDirectory directory;
  return read_word_vectors(write_file(directory / "vectors", content), options);
}

WordVectorOptions format(VectorFormat format) {
  WordVectorOptions options;
  options.format = format;
  return options;
}

/// The message without the directory.
std::string failure(const std::string& content, const WordVectorOptions& options = {}) {
  const std::string message = message_of<DataError>([&] { read(content, options); });
  return message.substr(message.find("/vectors") + 1);
}

/// fastText's own words for its hash, over a substring.
std::uint32_t fnv(const std::string& text) {
  std::uint32_t h = 2166136261U;
  for (const char c : text) {
    h ^= static_cast<std::uint32_t>(static_cast<std::int8_t>(c));
    h *= 16777619U;
  }
  return h;
}

/// The mean of the given rows.
std::vector<float> mean(const std::vector<std::vector<float>>& rows) {
  std::vector<float> sum(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += row[j];
  for (float& value : sum) value /= static_cast<float>(rows.size());
  return sum;
}

std::vector<float> row_of(const WordVectors& vectors, const std::string& word) {
  const auto found = std::find(vectors.words.begin(), vectors.words.end(), word) - vectors.words.begin();
  REQUIRE(static_cast<std::size_t>(found) < vectors.words.size());
  const float* row = vectors.vectors.data() + static_cast<std::size_t>(found) * vectors.dimensions;
  return {row, row + vectors.dimensions};
}

}  // namespace

TEST_CASE("word2vec binary gives words and vectors, with and without line ends, packed or not") {
  for (const std::string after_row : {"\n", ""}) {
    const std::string content = word2vec_binary(kRows, after_row);
    for (const std::string& file : {content, gzipped(content)}) {
      const WordVectors vectors = read(file);
      CHECK(vectors.dimensions == 2);
      CHECK(vectors.words == std::vector<std::string>{"the", "caf\xC3\xA9"});
      CHECK(vectors.vectors == std::vector<float>{0.5F, -1, 2, 3.25F});
      CHECK(vectors.counts.empty());
    }
  }
}

TEST_CASE("a float that reads as text is recognised by nobody and read where the format is given") {
  std::string content = "1 1\na ";
  content += "1.5\n";  // four bytes of a float
  CHECK(read(content).vectors == std::vector<float>{1.5F});
  CHECK(read(content, format(VectorFormat::kWord2vecBinary)).vectors != std::vector<float>{1.5F});
}

TEST_CASE("text with words of other scripts or encodings is not taken for binary") {
  CHECK(read("2 1\nle caf\xC3\xA9 1\n\xE6\x97\xA5\xE6\x9C\xAC 2\n").words.size() == 2);
  CHECK(failure("2 1\na 1\ncaf\xE9 2\n") == "vectors, line 3: the word must be valid UTF-8; was \"caf\uFFFD\"");
}

TEST_CASE("every dimension of word2vec binary is recognised") {
  Random random(11);
  for (std::size_t dimensions = 8; dimensions < 400; dimensions += 7)
    CHECK(read(word2vec_binary({{"the", random.vector(dimensions)}, {"of", random.vector(dimensions)}})).dimensions ==
          dimensions);
}

TEST_CASE("damage of a word2vec binary file names the byte") {
  const auto binary = format(VectorFormat::kWord2vecBinary);
  CHECK(failure(word2vec_binary({{"a", {1, kNan}}})) == "vectors, byte 4: number 2 of the row must be finite; was nan");
  CHECK(failure(word2vec_binary({{"a", {1}}, {"\xFF", {2}}})) ==
        "vectors, byte 11: the word must be valid UTF-8; was \"\uFFFD\"");
  CHECK(failure(word2vec_binary({{"", {1}}})) == "vectors, byte 4: the word must not be empty");
  CHECK(failure(word2vec_binary(kRows) + "x") == "vectors, byte 32: the file must end here; more bytes follow");
  CHECK(failure("2 1\na ", binary) ==
        "vectors, byte 0: the rows that the first line promises must fit into the file; were 2 of at least 6 bytes, "
        "but at most 2 bytes follow");
  CHECK(failure("18446744073709551615 4096\na \x01", binary).find("must fit into the file") != std::string::npos);
  CHECK(failure("1 5000\na \x01") == "vectors, byte 0: dimensions must be in [1, 4096]; was 5000");
  CHECK(failure("one two\n", binary) ==
        "vectors, byte 0: the first line must be \"count dimensions\"; was \"one two\"");
  CHECK(failure("1 1\n" + std::string(9000, 'a'), binary) == "vectors, byte 4: a word must have at most 4096 bytes");
  CHECK(failure("0 5\n", binary) == "vectors: the file is empty; it must have at least one row");
}

TEST_CASE("a cut or damaged word2vec binary file is an error and never a crash") {
  check_damage<DataError>(word2vec_binary(kRows, ""), [](const std::string& content) { read(content); });
  const auto binary = format(VectorFormat::kWord2vecBinary);
  check_damage<DataError>(word2vec_binary(kRows, ""), [&](const std::string& content) { read(content, binary); });
  check_damage<DataError>(gzipped(word2vec_binary(kRows, "")),
                          [&](const std::string& content) { read(content, binary); });
}

TEST_CASE("a fastText model gives each word the mean of its row and its subwords' rows") {
  const FastTextFile file = small_fasttext();
  const WordVectors vectors = read(file.bytes());
  CHECK(vectors.dimensions == 2);
  CHECK(vectors.words == std::vector<std::string>{"ab", "\xC3\xA9"});
  CHECK(vectors.counts == std::vector<std::uint64_t>{7, 5});
  CHECK(vectors.left_out == std::map<std::string, std::uint64_t>{{"labels", 1}});
  const auto bucket = [&](const std::string& subword) { return file.buckets[fnv(subword) % 4]; };
  CHECK(row_of(vectors, "ab") ==
        mean({{1, 2}, bucket("<a"), bucket("<ab"), bucket("ab"), bucket("ab>"), bucket("b>")}));
  // One character of two bytes: n-grams are counted in characters.
  CHECK(row_of(vectors, "\xC3\xA9") == mean({{3, 4}, bucket("<\xC3\xA9"), bucket("<\xC3\xA9>"), bucket("\xC3\xA9>")}));
}

TEST_CASE("subwords of one character do not include the marks of a word's ends") {
  FastTextFile file = small_fasttext();
  file.minn = file.maxn = 1;
  const auto bucket = [&](const std::string& subword) { return file.buckets[fnv(subword) % 4]; };
  CHECK(row_of(read(file.bytes()), "ab") == mean({{1, 2}, bucket("a"), bucket("b")}));
}

TEST_CASE("a fastText model without subwords gives the words' own rows, and so does the end of a sentence") {
  FastTextFile file = small_fasttext();
  file.entries.insert(file.entries.begin(), {"</s>", {9, 9}, 3});
  CHECK(row_of(read(file.bytes()), "</s>") == std::vector<float>{9, 9});
  file.minn = file.maxn = file.bucket = 0;
  file.buckets.clear();
  CHECK(read(file.bytes()).vectors == std::vector<float>{9, 9, 1, 2, 3, 4});
}

TEST_CASE("words that a fastText model lacks get vectors of their subwords") {
  FastTextFile file = small_fasttext();
  WordVectorOptions options;
  options.words = {"ab", "b", "cab"};
  const auto bucket = [&](const std::string& subword) { return file.buckets[fnv(subword) % 4]; };
  WordVectors vectors = read(file.bytes(), options);
  CHECK(vectors.words == std::vector<std::string>{"ab", "\xC3\xA9", "b", "cab"});
  CHECK(vectors.counts == std::vector<std::uint64_t>{7, 5, 0, 0});
  CHECK(row_of(vectors, "b") == mean({bucket("<b"), bucket("<b>"), bucket("b>")}));
  CHECK(vectors.duplicates == 0);
  file.minn = file.maxn = 4;
  vectors = read(file.bytes(), options);
  CHECK(vectors.words == std::vector<std::string>{"ab", "\xC3\xA9", "cab"});
  CHECK(vectors.left_out.at("given words without subwords") == 1);
}

TEST_CASE("the first of several entries of a word wins in a fastText model and the others are counted") {
  FastTextFile file = small_fasttext();
  file.entries.insert(file.entries.begin() + 1, {"ab", {5, 5}, 1});
  file.maxn = 0;
  const WordVectors vectors = read(file.bytes());
  CHECK(vectors.vectors == std::vector<float>{1, 2, 3, 4});
  CHECK(vectors.duplicates == 1);
}

TEST_CASE("numbers of a fastText model that do not fit together are errors that name the byte") {
  const auto broken = [](auto change) {
    FastTextFile file = small_fasttext();
    change(file);
    return failure(file.bytes());
  };
  const std::string advice =
      "fastText itself can write its vectors as text: fasttext print-word-vectors MODEL < WORDS > VECTORS";
  CHECK(broken([](auto& f) { f.version = 11; }) ==
        "vectors, byte 4: the version of the model must be 12; was 11. " + advice);
  CHECK(broken([](auto& f) { f.dimensions = 0; }) == "vectors, byte 8: dim must be in [1, 2147483647]; was 0");
  CHECK(broken([](auto& f) { f.dimensions = 1 << 20; }) ==
        "vectors, byte 8: dimensions must be in [1, 4096]; was 1048576");
  CHECK(broken([](auto& f) { f.model = 4; }) == "vectors, byte 36: model must be in [1, 3]; was 4");
  CHECK(broken([](auto& f) { f.bucket = -1; }) == "vectors, byte 40: bucket must be in [0, 2147483647]; was -1");
  CHECK(broken([](auto& f) { f.maxn = 65; }) == "vectors, byte 48: maxn must be in [0, 64]; was 65");
  CHECK(broken([](auto& f) { f.bucket = 0; }).find("bucket must not be 0 where maxn is not") != std::string::npos);
  CHECK(broken([](auto& f) { f.entries[0].label = true; }).find("the type of entry 0 must be 0; was 1") !=
        std::string::npos);
  CHECK(broken([](auto& f) { f.entries[0].count = -1; }).find("the count of a word must be in [0, ") !=
        std::string::npos);
  CHECK(broken([](auto& f) { f.more_rows = 1; }).find("the input matrix must have 6 rows; had 7") != std::string::npos);
  CHECK(broken([](auto& f) { f.more_rows = std::int64_t{1} << 60; }).find("must fit into the file") !=
        std::string::npos);
  CHECK(broken([](auto& f) { f.more_columns = 1; }).find("the number of columns must be in [2, 2]; was 3") !=
        std::string::npos);
  CHECK(broken([](auto& f) { f.entries[1].numbers[0] = kNan; }).find("number 1 of the row must be finite; was nan") !=
        std::string::npos);
  CHECK(failure(small_fasttext().bytes() + "x").find("the file must end here") != std::string::npos);
  for (const std::string& message : {broken([](auto& f) { f.quantised = 1; }), broken([](auto& f) { f.pruned = 0; })})
    CHECK(message.ends_with("quantised and pruned models (.ftz) are not read; give the .bin it was made of, or text. " +
                            advice));
  CHECK(failure("1 1\na 1\n", format(VectorFormat::kFastText)) ==
        "vectors, byte 0: this is no fastText model; it must begin with the bytes BA 16 4F 2F");
}

TEST_CASE("a cut or damaged fastText model is an error and never a crash") {
  const auto fasttext = format(VectorFormat::kFastText);
  check_damage<DataError>(small_fasttext().bytes(), [](const std::string& content) { read(content); });
  check_damage<DataError>(small_fasttext().bytes(), [&](const std::string& content) { read(content, fasttext); });
}

TEST_CASE("vectors of fastText models are those that fastText prints") {
  const auto text = shared_data("debian_tasks/fasttext.train.txt.gz");
  if (!text) return;
  if (std::system("command -v fasttext > /dev/null") != 0) {
    MESSAGE("skipped: no fasttext; apt-get install fasttext");
    return;
  }
  const TemporaryDirectory directory;
  std::string sample;
  LineReader lines(*text);
  for (std::string_view line; lines.line_number() < 2000 && lines.next(line);) sample += std::string(line) + '\n';
  write_file(directory / "text", sample + "caf\xC3\xA9 na\xC3\xAFve \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80\n");
  write_file(directory / "more", "unheardof\nzz\ncaf\xC3\xA9teria\n");
  for (const std::string training :
       {"skipgram -dim 8 -bucket 1000 -minCount 1", "supervised -dim 5 -minn 2 -maxn 4 -bucket 300 -wordNgrams 2",
        "supervised -dim 6", "cbow -dim 4 -minn 1 -maxn 5 -bucket 50"}) {
    CAPTURE(training);
    const std::string model = directory / "model";
    REQUIRE(std::system(("fasttext " + training + " -epoch 1 -thread 1 -verbose 0 -input " + (directory / "text") +
                         " -output " + model)
                            .c_str()) == 0);
    WordVectorOptions options;
    options.words = {"unheardof", "zz", "caf\xC3\xA9teria"};
    const WordVectors vectors = read_word_vectors(model + ".bin", options);
    std::string words;
    for (const std::string& word : vectors.words) words += word + '\n';
    write_file(directory / "words", words);
    REQUIRE(std::system(("fasttext print-word-vectors " + model + ".bin < " + (directory / "words") + " > " +
                         (directory / "printed"))
                            .c_str()) == 0);
    const WordVectors printed = read_word_vectors(directory / "printed");
    REQUIRE(printed.words == vectors.words);
    REQUIRE(printed.dimensions == vectors.dimensions);
    for (std::size_t i = 0; i < printed.vectors.size(); ++i)
      REQUIRE(vectors.vectors[i] == doctest::Approx(printed.vectors[i]).epsilon(1e-4).scale(0.1));
  }
}

TEST_CASE("a list of words and a tensor are refused where the format has none") {
  WordVectorOptions options;
  options.word_list = "words.txt";
  CHECK(message_of<InvalidArgument>([&] { read("a 1\n", options); }) ==
        "only safetensors need a list of words; was words.txt");
  options = {};
  options.tensor = "t";
  CHECK(message_of<InvalidArgument>([&] { read("a 1\n", options); }) ==
        "only safetensors have tensors to choose from; was t");
}
