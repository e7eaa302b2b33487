// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/word_vectors.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "analyzers/errors.h"
#include "analyzers/training/formats/word2vec.h"
#include "analyzers/training/training_data.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"
#include "tests/support/text.h"
#include "tests/support/vectors.h"

using namespace vecterm;
using namespace vecterm::test;

namespace {

using Rows = std::map<std::string, std::vector<float>>;

WordVectors read(const std::string& content, const WordVectorOptions& options = {}) {
  const TemporaryDirectory directory;
  return read_word_vectors(write_file(directory / "vectors", content), options);
}

WordVectorOptions language(const std::string& code) {
  WordVectorOptions options;
  options.language = code;
  return options;
}

/// The message without the directory.
std::string failure(const std::string& content, const WordVectorOptions& options = {}) {
  const std::string message = message_of<DataError>([&] { read(content, options); });
  return message.substr(message.find("/vectors") + 1);
}

Rows rows(const WordVectors& vectors) {
  Rows result;
  for (std::size_t i = 0; i < vectors.words.size(); ++i) {
    const float* row = vectors.vectors.data() + i * vectors.dimensions;
    result[vectors.words[i]] = {row, row + vectors.dimensions};
  }
  return result;
}

bool same_bits(const Rows& a, const Rows& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
           return x.first == y.first && x.second.size() == y.second.size() &&
                  std::memcmp(x.second.data(), y.second.data(), x.second.size() * sizeof(float)) == 0;
         });
}

WordVectors counted(WordVectors vectors, std::vector<std::uint64_t> counts) {
  vectors.counts = std::move(counts);
  return vectors;
}

std::shared_ptr<const Dictionary> dictionary_of(DictionaryContents contents) {
  contents.hash_space = small_cells(contents.dimensions);
  contents.tokenizer = "xapian";
  return Dictionary::parse(serialise_dictionary(contents));
}

WordVectors exported(const Dictionary& dictionary, bool raw) {
  const TemporaryDirectory directory;
  write_word2vec(directory / "out", dictionary, raw);
  return read_word_vectors(directory / "out");
}

/// Random floats of every size, denormal ones and both zeros too.
WordVectors random_vectors(std::size_t size, std::size_t dimensions) {
  Random random(5);
  WordVectors vectors;
  vectors.dimensions = dimensions;
  for (std::size_t i = 0; i < size; ++i) vectors.words.push_back("w" + std::to_string(random.next()));
  while (vectors.vectors.size() < size * dimensions) {
    float value = 0;
    const auto bits = static_cast<std::uint32_t>(random.next());
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) vectors.vectors.push_back(value);
  }
  vectors.vectors[0] = -0.0F;
  vectors.vectors[1] = std::numeric_limits<float>::denorm_min();
  vectors.vectors[2] = std::numeric_limits<float>::max();
  return vectors;
}

}  // namespace

TEST_CASE("a word2vec file gives words and vectors in the file's order") {
  const WordVectors vectors = read("2 3\nthe 0.5 -1 2e-1\ncat 1 2 3\n");
  CHECK(vectors.dimensions == 3);
  CHECK(vectors.words == std::vector<std::string>{"the", "cat"});
  CHECK(vectors.vectors == std::vector<float>{0.5F, -1, 0.2F, 1, 2, 3});
  CHECK(vectors.duplicates == 0);
}

TEST_CASE("all ways to write the same vectors are read alike") {
  const Rows expected = rows(read("2 2\nthe 0.5 1\ncat 2 3\n"));
  for (const std::string content :
       {"2 2\r\nthe 0.5 1\r\ncat 2 3\r\n",
        "\xEF\xBB\xBF"
        "2 2\nthe 0.5 1\ncat 2 3\n",
        "2\t2\nthe\t0.5\t1\ncat\t2\t3\n", "2 2 \nthe 0.5 1 \ncat 2 3 \n", "\xEF\xBB\xBFthe 5e-1 1.0\ncat 2 3\n"}) {
    CAPTURE(content);
    CHECK(same_bits(rows(read(content)), expected));
    CHECK(same_bits(rows(read(gzipped(content))), expected));
  }
}

TEST_CASE("words may contain spaces, and be numbers") {
  const WordVectors vectors = read("the 1 2\nnew york 3 4\n. . . 5 6\n2019 7 8\n");
  CHECK(vectors.words == std::vector<std::string>{"the", "new york", ". . .", "2019"});
  CHECK(read("7 0.5\n8 1\n").dimensions == 1);
}

TEST_CASE("a row with one number more is an error and a word that ends in a number is not") {
  const std::string reason = "vectors, line 2: a row must have a word and 2 numbers; before them is one more, ";
  CHECK(failure("a 1 2\nb 0.125 1 2\n") == reason + "\"0.125\"");
  CHECK(failure("a 1 2\nb -0.5 1 2\n") == reason + "\"-0.5\"");
  CHECK(failure("2 2\nb 1e-3 1 2\nc 1 2\n") == reason + "\"1e-3\"");
  CHECK(read("a 1 2\nwindows 95 1 2\nversion 2.0 1 2\npython 3.11 1 2\n").words.size() == 4);
}

TEST_CASE("a last line without an end may have been cut in its last number and is an error") {
  const std::string reason =
      ": the last line has no end, so the file may have been cut there; where it is whole, add a "
      "line end";
  CHECK(failure("a 1 2\nb 1 2.5") == "vectors, line 2" + reason);
  CHECK(failure("2 2\na 1 2\nb 1 2.5") == "vectors, line 3" + reason);
  CHECK(failure(gzipped("a 1 2")) == "vectors, line 1" + reason);
}

TEST_CASE("keys of Numberbatch are words of one language and those of several words are left out") {
  const std::string file = "5 1\n/c/de/hei\xC3\x9F 1\n/c/en/coffee 2\n/c/en/hot_dog 3\n/c/en/a/b 4\n/c/en/coffee 5\n";
  const WordVectors english = read(file);
  CHECK(english.words == std::vector<std::string>{"coffee", "a/b"});
  CHECK(english.vectors == std::vector<float>{2, 4});
  CHECK(english.duplicates == 1);
  CHECK(english.left_out ==
        std::map<std::string, std::uint64_t>{{"keys of other languages", 1}, {"keys of several words", 1}});
  CHECK(read(file, language("de")).words == std::vector<std::string>{"hei\xC3\x9F"});
  CHECK(failure(file, language("fr")) ==
        "vectors: no word is left; left out were 5 keys of other languages; the language was \"fr\"");
  CHECK(failure("/c/en/a 1\nb 2\n") ==
        "vectors, line 2: the word must be a key /c/LANGUAGE/WORD, as the first one is; was \"b\"");
  CHECK(failure("/c/en/a 1\n/c/en/ 2\n").find("line 2: the word must be a key") != std::string::npos);
}

TEST_CASE("words are taken as they are where no language is given or the first is no key") {
  CHECK(read("/c/en/hot_dog 1\nitem 7 2\n", language("")).words == std::vector<std::string>{"/c/en/hot_dog", "item 7"});
  CHECK(read("a 1\n/c/en/hot_dog 2\n").words == std::vector<std::string>{"a", "/c/en/hot_dog"});
}

TEST_CASE("files of other kinds are refused with what to do next") {
  CHECK(failure("PK\x03\x04zip") ==
        "vectors: the format is not read: this is a zip archive, perhaps of PyTorch or NumPy; "
        "unpack it and import the vectors in it");
  for (const std::string start : {"BZh91AY&SY",
                                  "\xFD"
                                  "7zXZ",
                                  "\x80\x04\x95", "\x93NUMPY", "\x89HDF\r\n", "\xFF\xFE"})
    CHECK(failure(start + "more\n").starts_with("vectors: the format is not read: this is "));
  WordVectorOptions text;
  text.format = VectorFormat::kWord2vecText;
  CHECK(failure(small_fasttext().bytes(), text) ==
        "vectors: this is a fastText model; read it as such or let the format be recognised");
  CHECK(failure(safetensors("{}", ""), text) ==
        "vectors: this is a safetensors file; read it as such or let the format be recognised");
  CHECK(failure(word2vec_binary({{"a", {1, 2}}}), text) ==
        "vectors, line 2: the line has a zero byte; this is a binary file or a damaged one");
}

TEST_CASE("each format has a name") {
  CHECK(vector_format_from_name("auto") == VectorFormat::kAutomatic);
  CHECK(vector_format_from_name("safetensors") == VectorFormat::kSafetensors);
  CHECK(message_of<InvalidArgument>([] { vector_format_from_name("glove"); }) ==
        "format must be auto, text, word2vec, fasttext or safetensors; was \"glove\"");
}

TEST_CASE("the first of several rows of a word wins and the others are counted") {
  const WordVectors vectors = read("4 2\na 1 2\nb 3 4\na 5 6\na 7 8\n");
  CHECK(vectors.words == std::vector<std::string>{"a", "b"});
  CHECK(vectors.vectors == std::vector<float>{1, 2, 3, 4});
  CHECK(vectors.duplicates == 2);
}

TEST_CASE("numbers too near to zero for a float are zero") {
  CHECK(read("a 1e-60 1\n").vectors == std::vector<float>{0, 1});
}

TEST_CASE("every kind of damage is an error that names file, line, bound and value") {
  const std::string bad_number = " of the row must be a finite decimal number; was ";
  CHECK(failure("2 3\na 1 2 3\nb 1 2\n") == "vectors, line 3: a row must have a word and 3 numbers; had 3 fields");
  CHECK(failure("2 3\na 1 2 3\n\n") == "vectors, line 3: a row must have a word and 3 numbers; had 0 fields");
  CHECK(failure("a 1 2\nb\n") == "vectors, line 2: a row must have a word and 2 numbers; had 1 fields");
  CHECK(failure("a 1 2\nb 1 x\n") == "vectors, line 2: number 2" + bad_number + "\"x\"");
  CHECK(failure("a 1 2\nb 1 2y\n") == "vectors, line 2: number 2" + bad_number + "\"2y\"");
  CHECK(failure("a 1 2\nb nan 2\n") == "vectors, line 2: number 1" + bad_number + "\"nan\"");
  CHECK(failure("a 1 2\nb 1 -inf\n") == "vectors, line 2: number 2" + bad_number + "\"-inf\"");
  CHECK(failure("a 1 2\nb 1 1e39\n") == "vectors, line 2: number 2" + bad_number + "\"1e39\"");
  CHECK(failure("a 1 2\nb 1,2 0,5\n") ==
        "vectors, line 2: number 2 of the row has a decimal comma, \"0,5\"; numbers must be written with a point");
  CHECK(failure("a 1 2\nb 0x1 2\n") == "vectors, line 2: number 1" + bad_number + "\"0x1\"");
  CHECK(failure("2 1\na 1\n") == "vectors, line 2: the file ends after 1 rows; its first line promises 2");
  CHECK(failure("1 1\na 1\nb 2\n") == "vectors, line 3: there are more rows than the 1 that the first line promises");
  CHECK(failure("a 1 2\n 3 4\n") == "vectors, line 2: the word must not be empty");
  CHECK(failure("a 1 2\n\xFF\xFE 3 4\n") == "vectors, line 2: the word must be valid UTF-8; was \"\uFFFD\uFFFD\"");
  CHECK(failure("alone\n") ==
        "vectors, line 1: a row must have a word and its numbers, separated by spaces; had 1 fields");
  CHECK(failure("2 5000\n") == "vectors, line 1: dimensions must be in [1, 4096]; was 5000");
  CHECK(failure("99999999999999 2\na 1 2\n") ==
        "vectors, line 2: the file ends after 1 rows; its first line promises 99999999999999");
}

TEST_CASE("a file without rows is an error") {
  for (const std::string content : {"", "\xEF\xBB\xBF", "0 5\n"}) {
    CHECK(failure(content) == "vectors: the file is empty; it must have at least one row");
    CHECK(failure(gzipped(content)) == "vectors: the file is empty; it must have at least one row");
  }
}

TEST_CASE("a truncated gzip file is an error that names the line") {
  const std::string whole = gzipped("the 0.5 1\ncat 2 3\n");
  for (std::size_t size = 2; size < whole.size(); ++size)
    CHECK(failure(whole.substr(0, size)).find(": the gzip data is truncated") != std::string::npos);
}

TEST_CASE("a text file with a first line is an error wherever it is cut and damaged bytes are no crash") {
  check_damage<DataError>("2 2\nthe 0.5 1\ncat 2 3.25\n", [](const std::string& content) { read(content); });
}

TEST_CASE("random bytes are vectors or a DataError") {
  constexpr unsigned kSeed = 20'240'605;
  CAPTURE(kSeed);
  std::mt19937 random(kSeed);
  const TemporaryDirectory directory;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = write_file(directory / "vectors", "1 2\n" + random_bytes(random, 40));
    CHECK_FALSE(message_of<DataError>([&] { read_word_vectors(path); }).empty());
  }
}

TEST_CASE("published files are read whole") {
  const struct {
    std::string name;
    std::size_t words, dimensions;
  } files[] = {{"glove_100d_10k", 10000, 100},
               {"debian_skipgram_64d", 20687, 64},
               {"glove_twitter_25d_12k", 11925, 25},
               {"word2vec_gnews_300d_1k", 1000, 300},
               {"retrofitting_sample", 1000, 48}};
  for (const auto& file : files) {
    const auto path = shared_data("vectors/" + file.name + ".vec.gz");
    if (!path) continue;
    const WordVectors vectors = read_word_vectors(*path);
    CHECK(vectors.words.size() + vectors.duplicates == file.words);
    CHECK(vectors.dimensions == file.dimensions);
    CHECK(vectors.vectors.size() == vectors.words.size() * file.dimensions);
  }
}

TEST_CASE("without counts the weights follow Zipf's law by rank") {
  const DictionaryContents contents = dictionary_contents(read("a 1 2\nb 3 4\nc 5 6\n"), 0.5);
  const double harmonic = 1 + 1.0 / 2 + 1.0 / 3;
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(contents.weights[i] ==
          doctest::Approx(0.5 / (0.5 + 1 / (static_cast<double>(i + 1) * harmonic))).epsilon(1e-6));
  CHECK(contents.counts == std::vector<std::uint64_t>{0, 0, 0});
  CHECK(nlohmann::json::parse(contents.provenance).is_object());
}

TEST_CASE("with counts the weights are a / (a + p)") {
  const DictionaryContents contents = dictionary_contents(counted(read("a 1 2\nb 3 4\nc 5 6\n"), {3, 1, 0}), 0.25);
  CHECK(contents.weights == std::vector<float>{0.25F, 0.5F, 1});
  CHECK(contents.counts == std::vector<std::uint64_t>{3, 1, 0});
}

TEST_CASE("words of documents are counted by their occurrences") {
  TrainingData data;
  data.add(TermList{{"a", 2}, {"c", 1}});
  data.add(TermList{{"a", 1}, {"b", 4}});
  CHECK(count_words(std::vector<std::string>{"b", "x", "a"}, data) == std::vector<std::uint64_t>{4, 0, 3});
}

TEST_CASE("the weighted mean points where the weighted rows do and is at most 1 long") {
  DictionaryContents contents = dictionary_contents(read("a 3 4\nb 0 5\n"));
  contents.weights = {1, 0.5F};
  const std::vector<float> mean = weighted_mean(contents);
  CHECK(mean[0] == doctest::Approx(3 / 7.5));
  CHECK(mean[1] == doctest::Approx(6.5 / 7.5));
  contents.weights = {0, 0};
  CHECK(weighted_mean(contents) == std::vector<float>{0, 0});
}

TEST_CASE("parameters of an import out of their bounds are refused with bound and value") {
  const WordVectors vectors = read("a 1 2\nb 3 4\n");
  for (const double sif : {0.0, -1.0, 1.5, std::numeric_limits<double>::quiet_NaN()})
    CHECK(message_of<InvalidArgument>([&] {
            dictionary_contents(vectors, sif);
          }).starts_with("sif must be in (0, 1]; was "));
  CHECK(message_of<InvalidArgument>([&] { dictionary_contents(counted(vectors, {1})); }) ==
        "counts must be one a word, 2; were 1");
}

TEST_CASE("raw export gives back each float's bits") {
  const WordVectors vectors = random_vectors(500, 7);
  const auto dictionary = dictionary_of(dictionary_contents(vectors));
  CHECK(same_bits(rows(exported(*dictionary, true)), rows(vectors)));
  CHECK(exported(*dictionary, true).words == vectors.words);
  for (const std::string name : {"glove_100d_10k", "debian_skipgram_64d"}) {
    const auto path = shared_data("vectors/" + name + ".vec.gz");
    if (!path) continue;
    const WordVectors published = read_word_vectors(*path);
    CHECK(same_bits(rows(exported(*dictionary_of(dictionary_contents(published)), true)), rows(published)));
  }
}

TEST_CASE("export without raw gives each row times its weight") {
  const auto dictionary = dictionary_of(dictionary_contents(counted(read("a 1 2\nb 3 4\nc 5 6\n"), {3, 1, 0}), 0.25));
  CHECK(rows(exported(*dictionary, false)) == Rows{{"a", {0.25F, 0.5F}}, {"b", {1.5F, 2}}, {"c", {5, 6}}});
}

TEST_CASE("export has the most frequent word first") {
  const auto dictionary = dictionary_of(dictionary_contents(counted(read("a 1 2\nb 3 4\nc 5 6\n"), {1, 9, 5})));
  CHECK(exported(*dictionary, true).words == std::vector<std::string>{"b", "c", "a"});
}

TEST_CASE("a full disk and a word that the format cannot hold are errors") {
  const TemporaryDirectory directory;
  const auto dictionary = small_dictionary({"a", "b"});
  CHECK(message_of<DiskError>([&] { write_word2vec("/dev/full", *dictionary, true); }) ==
        "/dev/full: cannot be written: No space left on device");
  CHECK(message_of<DiskError>([&] { write_word2vec(directory / "none/out", *dictionary, true); }).find("none/out") !=
        std::string::npos);
  for (const std::string word : {"two\nlines", "ends in space ", "\xFF"})
    CHECK(message_of<DataError>([&] {
            write_word2vec(directory / "out", *small_dictionary({word}), true);
          }).starts_with("word 0 of the dictionary cannot be written as word2vec text: "));
}
