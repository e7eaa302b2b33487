// SPDX-License-Identifier: GPL-2.0-or-later
// Tests mapped_bytes.cc and write_dictionary.cc, too.
#include "analyzers/dictionary.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "tests/support/dictionary.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

std::vector<std::string> some_words(std::size_t n) {
  test::Random random(n + 1);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < n; ++i) words.push_back("w" + std::to_string(i) + std::string(random.below(9), 'x'));
  return words;
}

}  // namespace

TEST_CASE("a dictionary gives back every word with its vector, weight and count") {
  for (const std::size_t n : {0, 1, 2, 3, 100, 1000}) {
    DictionaryContents contents = test::small_contents(some_words(n), test::small_cells());
    for (std::size_t i = 0; i < n; ++i) {
      contents.counts[i] = 3 * i + 1;
      contents.weights[i] = 1.0F / static_cast<float>(i + 1);
    }
    const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
    REQUIRE(dictionary->size() == n);
    std::vector<float> row(8);
    for (std::size_t i = 0; i < n; ++i) {
      const auto found = dictionary->find(contents.words[i]);
      REQUIRE(found);
      CHECK(dictionary->word(*found) == contents.words[i]);
      CHECK(dictionary->count(*found) == contents.counts[i]);
      CHECK(dictionary->weight(*found) == contents.weights[i]);
      dictionary->copy_vector(*found, row);
      CHECK(std::equal(row.begin(), row.end(), contents.vectors.begin() + static_cast<std::ptrdiff_t>(8 * i)));
    }
    for (std::size_t i = 1; i < n; ++i) CHECK(dictionary->word(i - 1) < dictionary->word(i));
    CHECK_FALSE(dictionary->find("absent"));
    CHECK_FALSE(dictionary->find(""));
    CHECK(dictionary->tokenizer() == "xapian");
    CHECK(dictionary->provenance() == contents.provenance);
    CHECK(dictionary->hash_space().fingerprint() == contents.hash_space->fingerprint());
  }
}

TEST_CASE("the order of the words given does not change the file") {
  DictionaryContents contents = test::small_contents({"b", "a"}, test::small_cells());
  DictionaryContents swapped = test::small_contents({"a", "b"}, test::small_cells());
  std::rotate(swapped.vectors.begin(), swapped.vectors.begin() + 8, swapped.vectors.end());
  CHECK(serialise_dictionary(contents) == serialise_dictionary(swapped));
}

TEST_CASE("a mapped file and its bytes in memory are the same dictionary") {
  const test::TemporaryDirectory directory;
  const auto contents = test::small_contents(some_words(50), test::small_hyperplanes());
  write_dictionary(directory / "a.dict", contents);
  const auto mapped = Dictionary::open(directory / "a.dict");
  CHECK(mapped->bytes() == serialise_dictionary(contents));
  CHECK(mapped->fingerprint() == Dictionary::parse(serialise_dictionary(contents))->fingerprint());
}

TEST_CASE("a change to anything that a dictionary holds changes its fingerprint") {
  const auto base = test::small_contents({"a", "b", "c"}, test::small_cells());
  const auto fingerprint = [](const DictionaryContents& contents) {
    return Dictionary::parse(serialise_dictionary(contents))->fingerprint();
  };
  std::vector<DictionaryContents> changed(7, base);
  changed[0].words[1] = "bb";
  changed[1].vectors[3] = std::nextafter(changed[1].vectors[3], 2.0F);
  changed[2].weights[0] = 0.25F;
  changed[3].counts[2] = 8;
  changed[4].hash_space = test::small_cells(8, 16, 2);
  changed[5].tokenizer = "icu";
  changed[6].codec = VectorCodec::kFloat16;
  for (const auto& contents : changed) CHECK(fingerprint(contents) != fingerprint(base));
}

TEST_CASE("contents that do not fit together are refused") {
  const auto base = test::small_contents({"a", "b"}, test::small_cells());
  std::vector<DictionaryContents> bad(10, base);
  bad[0].words[1] = "a";
  bad[1].words[0] = "";
  bad[2].weights[0] = 1.5F;
  bad[3].weights[0] = std::numeric_limits<float>::quiet_NaN();
  bad[4].vectors[0] = std::numeric_limits<float>::infinity();
  bad[5].vectors.pop_back();
  bad[6].hash_space = test::small_cells(4);
  bad[7].hash_space = nullptr;
  bad[8].codec = VectorCodec::kSignBits;
  bad[9].codec = VectorCodec::kFloat16;
  bad[9].vectors[0] = 1e6F;
  for (const auto& contents : bad) CHECK_THROWS_AS(serialise_dictionary(contents), InvalidArgument);
}

TEST_CASE("a missing, empty, foreign or unreadable file is a typed error that names it") {
  const test::TemporaryDirectory directory;
  CHECK_THROWS_WITH_AS(Dictionary::open(directory / "none"), doctest::Contains("none: cannot be opened: No such file"),
                       NotFound);
  test::write_file(directory / "empty", "");
  CHECK_THROWS_WITH_AS(Dictionary::open(directory / "empty"), doctest::Contains("is empty"), Damaged);
  test::write_file(directory / "foreign", std::string(500, 'x'));
  CHECK_THROWS_WITH_AS(Dictionary::open(directory / "foreign"), doctest::Contains("is not a vecterm dictionary"),
                       Damaged);
  CHECK_THROWS_AS(Dictionary::open(directory / "."), DataError);
}

TEST_CASE("a dictionary cannot be written into a directory that is not there") {
  const auto contents = test::small_contents({"a"}, test::small_cells());
  CHECK_THROWS_AS(write_dictionary("/nonexistent/x.dict", contents), DiskError);
}

TEST_CASE("an embedding is the weighted sum of its words' rows, scaled to norm 1") {
  DictionaryContents contents = test::small_contents({"apple", "pear", "the"}, test::small_cells(2, 4));
  contents.vectors = {3, 0, 0, 4, 100, 100};
  contents.weights = {1.0F, 0.5F, 0.0F};
  const Embedder embedder(Dictionary::parse(serialise_dictionary(contents)));
  // 2 * 1 * (3, 0) + 1 * 0.5 * (0, 4) + 5 * 0 * (100, 100) = (6, 2)
  const auto unit = embedder.embed({{"apple", 2}, {"pear", 1}, {"the", 5}});
  REQUIRE(unit);
  CHECK((*unit)[0] == doctest::Approx(6 / std::sqrt(40.0)));
  CHECK((*unit)[1] == doctest::Approx(2 / std::sqrt(40.0)));
}

TEST_CASE("unknown words, weightless words and sums that cancel give no vector, never NaN") {
  DictionaryContents contents = test::small_contents({"down", "the", "up"}, test::small_cells(2, 4));
  contents.vectors = {-1, -1, 5, 5, 1, 1};
  contents.weights = {1.0F, 0.0F, 1.0F};
  const Embedder embedder(Dictionary::parse(serialise_dictionary(contents)));
  CHECK_FALSE(embedder.embed({}));
  CHECK_FALSE(embedder.embed({{"unknown", 3}}));
  CHECK_FALSE(embedder.embed({{"the", 1}}));
  CHECK_FALSE(embedder.embed({{"down", 1}, {"up", 1}}));
  CHECK(embedder.coverage({{"unknown", 3}, {"up", 1}}) == 0.25);
  CHECK(embedder.coverage({}) == 0);
}

TEST_CASE("a host's own vector is normalised, and refused where it is not finite") {
  CHECK(*normalised(std::vector<float>{3, 4}) == UnitVector{0.6F, 0.8F});
  CHECK_FALSE(normalised(std::vector<float>{0, 0}));
  CHECK_THROWS_AS(normalised(std::vector<float>{0, std::numeric_limits<float>::quiet_NaN()}), InvalidArgument);
}

TEST_CASE("the format is frozen: fixed contents have the bytes, tokens and slot values of version 1") {
  DictionaryContents contents;
  contents.dimensions = 2;
  contents.words = {"pear", "apple"};
  contents.counts = {2, 3};
  contents.weights = {0.5F, 1.0F};
  contents.vectors = {0, 1, 1, 0};
  contents.hash_space = make_cells(std::vector<float>{1, 0, 0, 1, -1, 0}, 2);
  contents.tokenizer = "xapian";
  contents.provenance = "{}";
  const auto dictionary = Dictionary::parse(serialise_dictionary(contents));
  CHECK(dictionary->fingerprint() == "1026166abfdd9475cfcff6c2eb24953c");
  const auto unit = Embedder(dictionary).embed({{"apple", 1}, {"pear", 1}});
  REQUIRE(unit);
  std::string tokens;
  for (const Bucket& bucket : dictionary->hash_space().hash(*unit))
    tokens += dictionary->hash_space().spell(bucket) + " ";
  CHECK(tokens == "5b5f_00_0 5b5f_00_1 ");
  CHECK(encode_value(VectorCodec::kFloat16, 2, *unit) == std::string("\x21\x28\x3b\x28\x37", 5));
}
