// SPDX-License-Identifier: GPL-2.0-or-later
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analyzers/dictionary.h"
#include "analyzers/embedding.h"
#include "analyzers/errors.h"
#include "analyzers/numbers/little_endian.h"
#include "analyzers/text/ngrams.h"
#include "analyzers/training/judge/text_vectors.h"
#include "analyzers/words/dictionary_difference.h"
#include "tests/support/dictionary.h"
#include "tests/support/labels.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

const std::vector<std::string> kEntries{"cats", "dogs", "bird", "cats dogs", "dogs bird", " <ca",
                                        " cat", " ats", " ts>", " <do",      " ogs",      " gs>",
                                        " <bi", " ird", " rd>", " <da",      " dag"};

DictionaryContents plain_contents() { return test::ngram_contents(kEntries, test::small_cells()); }

DictionaryContents hashed_contents() { return test::hashed(plain_contents()); }

std::shared_ptr<const Dictionary> parsed(const DictionaryContents& contents) {
  return Dictionary::parse(serialise_dictionary(contents));
}

std::vector<double> row_of(const Dictionary& dictionary, const std::string& entry) {
  std::vector<float> row(dictionary.dimensions());
  dictionary.copy_vector(dictionary.find(entry).value(), row);
  return {row.begin(), row.end()};
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  return largest_difference(std::vector<double>(a.begin(), a.end()), std::vector<double>(b.begin(), b.end()));
}

std::size_t index_of(const DictionaryContents& contents, const std::string& entry) {
  return static_cast<std::size_t>(std::ranges::find(contents.words, entry) - contents.words.begin());
}

// What a hashed dictionary gives an entry, without trigrams, as its format says.
std::vector<double> mixed(const DictionaryContents& contents, const std::string& entry) {
  const std::size_t d = contents.dimensions;
  std::vector<double> vector(d, 0.0);
  for (const std::size_t k : {0, 1}) {
    const std::size_t row = XXH3_64bits_withSeed(entry.data(), entry.size(), k + 1) % (contents.components.size() / d);
    const auto mixing = static_cast<double>(contents.mixing[2 * index_of(contents, entry) + k]);
    for (std::size_t i = 0; i < d; ++i) vector[i] += mixing * static_cast<double>(contents.components[row * d + i]);
  }
  return vector;
}

}  // namespace

TEST_CASE("a dictionary with n-grams, hashed or not, gives back what went in") {
  for (DictionaryContents contents : {plain_contents(), hashed_contents()}) {
    for (const VectorCodec codec : {VectorCodec::kFloat32, VectorCodec::kFloat16}) {
      contents.codec = codec;
      const auto dictionary = parsed(contents);
      CHECK(dictionary->ngrams() == contents.ngrams);
      CHECK(dictionary->components() == contents.components.size() / contents.dimensions);
      CHECK(number_at<std::uint32_t>(dictionary->bytes(), 8) == 2);
      CHECK(serialise_dictionary(dictionary->contents()) == dictionary->bytes());
      for (std::size_t i = 0; i < contents.words.size(); ++i) {
        const std::uint32_t found = dictionary->find(contents.words[i]).value();
        CHECK(dictionary->weight(found) == contents.weights[i]);
        if (contents.vectors.empty() || codec != VectorCodec::kFloat32) continue;
        const auto expected = std::span(contents.vectors).subspan(i * 8, 8);
        CHECK(row_of(*dictionary, contents.words[i]) == std::vector<double>(expected.begin(), expected.end()));
      }
    }
  }
}

TEST_CASE("a dictionary of words alone is of version 1, also where words contain spaces") {
  const auto dictionary = test::small_dictionary({"a b", " abc", "c"});
  CHECK(number_at<std::uint32_t>(dictionary->bytes(), 8) == 1);
  CHECK_FALSE(dictionary->ngrams().any());
  CHECK(dictionary->components() == 0);
  CHECK(serialise_dictionary(dictionary->contents()) == dictionary->bytes());
}

TEST_CASE("vectors of a hashed dictionary are mixed of two components, and words have their trigrams, too") {
  const DictionaryContents contents = hashed_contents();
  const auto dictionary = parsed(contents);
  for (const std::string& entry : contents.words) {
    std::vector<double> expected = mixed(contents, entry);
    if (ngram_of(entry) == NGram::kWord)
      for (const std::string& trigram : trigrams_of(entry)) {
        if (index_of(contents, trigram) == contents.words.size()) continue;
        const double share = static_cast<double>(contents.weights[index_of(contents, trigram)]) /
                             static_cast<double>(contents.weights[index_of(contents, entry)]);
        const std::vector<double> row = mixed(contents, trigram);
        for (std::size_t i = 0; i < row.size(); ++i) expected[i] += share * row[i];
      }
    CHECK(largest_difference(row_of(*dictionary, entry), expected) < 1e-6);
  }
}

TEST_CASE("a hashed dictionary of words alone has no trigrams to add, and a word of weight 0 gets none") {
  DictionaryContents contents = test::hashed(test::small_contents({"cats", "the"}, test::small_cells()));
  CHECK(largest_difference(row_of(*parsed(contents), "cats"), mixed(contents, "cats")) < 1e-6);
  contents = hashed_contents();
  contents.weights[0] = 0;
  CHECK(largest_difference(row_of(*parsed(contents), "cats"), mixed(contents, "cats")) < 1e-6);
}

TEST_CASE("a word that is known without a vector of its own embeds as one that is unknown") {
  DictionaryContents with = test::small_contents({"cats", "dogs", " <ca", " cat", " ats", " ts>"}, test::small_cells());
  with.ngrams.trigrams = true;
  with.weights = {0.5F, 1.0F, 0.25F, 0.125F, 1.0F, 0.5F};
  DictionaryContents without = with;
  std::fill_n(with.vectors.begin(), 8, 0.0F);
  without.words.erase(without.words.begin());
  without.counts.erase(without.counts.begin());
  without.weights.erase(without.weights.begin());
  without.vectors.erase(without.vectors.begin(), without.vectors.begin() + 8);
  test::fold_trigrams(with);
  for (const TermList& terms : {TermList{{"cats", 1}}, TermList{{"cats", 3}, {"dogs", 2}}}) {
    const auto a = Embedder(parsed(with)).embed(terms), b = Embedder(parsed(without)).embed(terms);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(largest_difference(*a, *b) < 1e-6);
  }
}

TEST_CASE("unknown and misspelled words have vectors where there are trigrams, and near their likes") {
  for (const auto& dictionary : {parsed(plain_contents()), parsed(hashed_contents())}) {
    const Embedder embedder(dictionary);
    CHECK(embedder.embed({{"catz", 1}}));
    CHECK(embedder.embed({{"dagger", 2}}));
    CHECK_FALSE(embedder.embed({{"fish", 1}}));
    CHECK_FALSE(embedder.embed({{"", 1}}));
  }
  const Embedder embedder(parsed(plain_contents()));
  const auto misspelled = embedder.embed({{"cattz", 1}}), right = embedder.embed({{"cats", 1}});
  CHECK(dot(*misspelled, *right) > 0);
}

TEST_CASE("trigrams are added in their order, as often as they occur, times their weight") {
  DictionaryContents contents = test::small_contents({" aaa", " <aa"}, test::small_cells(2, 4));
  contents.ngrams.trigrams = true;
  contents.vectors = {1, 0, 0, 1};
  contents.weights = {0.5F, 1.0F};
  const auto dictionary = parsed(contents);
  std::vector<double> sum{10, 20};
  CHECK(dictionary->add_subwords("aaaa", 3, sum));
  CHECK(sum == std::vector<double>{10 + 3 * 2 * 0.5, 20 + 3 * 1.0});
  CHECK_FALSE(dictionary->add_subwords("b", 3, sum));
  CHECK_FALSE(test::small_dictionary({" aaa"}, test::small_cells(2, 4))->add_subwords("aaaa", 3, sum));
}

TEST_CASE("bigrams of a list count by themselves, and no term can pass for a trigram") {
  const DictionaryContents contents = plain_contents();
  const auto dictionary = parsed(contents);
  const Embedder embedder(dictionary);
  const auto unit = embedder.embed({{"cats dogs", 2}});
  REQUIRE(unit);
  const auto expected = normalised(std::span(contents.vectors).subspan(8 * index_of(contents, "cats dogs"), 8));
  CHECK(largest_difference(*unit, *expected) < 1e-6);
  CHECK_FALSE(embedder.embed({{"bird cats", 1}}));
  CHECK_FALSE(embedder.embed({{" cat", 1}}));
}

TEST_CASE("coverage is that of words with a vector, be it by trigrams alone, which do not make a word known") {
  const Embedder embedder(parsed(plain_contents()));
  CHECK(embedder.coverage({{"catz", 1}, {"dogs", 2}, {"dogs bird", 1}, {"fish", 1}}) == 0.75);
  CHECK(embedder.coverage({{"dogs bird", 1}}) == 0);
  const std::vector<std::string_view> texts{"catz dogs", "fish"};
  const TextVectors vectors = embed_texts(embedder, test::SpaceTokenizer(), texts);
  CHECK(vectors.words == 3);
  CHECK(vectors.known_words == 1);
  CHECK(vectors.without_vector == 1);
}

TEST_CASE("entries that are no n-grams of the dictionary's kinds are refused, in files, too") {
  const auto refused = [](std::vector<std::string> words, NGramKinds kinds) {
    DictionaryContents contents = test::small_contents(std::move(words), test::small_cells());
    contents.ngrams = kinds;
    return test::is_thrown<InvalidArgument>([&] { serialise_dictionary(contents); });
  };
  CHECK_FALSE(refused({"a", "a b"}, {.bigrams = true, .trigrams = false}));
  CHECK_FALSE(refused({"a", " <a>", " été"}, {.bigrams = false, .trigrams = true}));
  CHECK(refused({"a b"}, {.bigrams = false, .trigrams = true}));
  CHECK(refused({" <a>"}, {.bigrams = true, .trigrams = false}));
  for (const std::string entry : {"a b c", "a ", "a  b", " ", " ab", " abcd", " a b", "  ab"})
    CHECK(refused({entry}, {.bigrams = true, .trigrams = true}));

  DictionaryContents contents = plain_contents();
  const std::string message = test::message_of<InvalidArgument>([&] {
    contents.words[3] = "cats dogs bird";
    serialise_dictionary(contents);
  });
  CHECK(message == "dictionary: word \"cats dogs bird\" is no n-gram of the kinds that the dictionary has");
}

TEST_CASE("components and mixing that do not fit together are refused") {
  const DictionaryContents base = hashed_contents();
  std::vector<DictionaryContents> bad(8, base);
  bad[0].components.pop_back();
  bad[1].components.clear();
  bad[2].mixing.pop_back();
  bad[3].mixing.clear();
  bad[4].vectors = plain_contents().vectors;
  bad[5].components[3] = std::numeric_limits<float>::infinity();
  bad[6].mixing[5] = std::numeric_limits<float>::quiet_NaN();
  bad[7].codec = VectorCodec::kFloat16;
  bad[7].components[9] = 1e6F;
  for (const auto& contents : bad) CHECK_THROWS_AS(serialise_dictionary(contents), InvalidArgument);
  CHECK(test::message_of<InvalidArgument>([&] { serialise_dictionary(bad[5]); }).find("component 0") !=
        std::string::npos);
  CHECK(test::message_of<InvalidArgument>([&] { serialise_dictionary(bad[6]); }).find("the mixing of \"bird\"") !=
        std::string::npos);
}

TEST_CASE("kinds of n-grams and every number of a hashed dictionary change its fingerprint") {
  const DictionaryContents base = hashed_contents();
  std::vector<DictionaryContents> changed(3, base);
  changed[0].components[7] += 0.5F;
  changed[1].mixing[2] += 0.5F;
  changed[2] = test::small_contents({"a"}, test::small_cells());
  DictionaryContents kinds = changed[2];
  kinds.ngrams.bigrams = true;
  CHECK(parsed(kinds)->fingerprint() != parsed(changed[2])->fingerprint());
  for (const auto& contents : changed) CHECK(parsed(contents)->fingerprint() != parsed(base)->fingerprint());
}

TEST_CASE("n-grams that came, went or moved are in the difference, and words with those of their trigrams that moved") {
  DictionaryContents contents = plain_contents();
  const auto before = parsed(contents);
  contents.vectors[8 * index_of(contents, " <da")] += 0.5F;
  contents.vectors[8 * index_of(contents, "cats dogs")] += 0.5F;
  contents.words[index_of(contents, " dag")] = " ddd";
  const DictionaryDifference found = difference(*before, *parsed(contents));
  CHECK(found.moved == std::vector<std::string>{" <da", "cats dogs"});
  CHECK(found.added == std::vector<std::string>{" ddd"});
  CHECK(found.removed == std::vector<std::string>{" dag"});

  DictionaryContents mixed_otherwise = hashed_contents();
  const auto hashed_before = parsed(mixed_otherwise);
  mixed_otherwise.mixing[2 * index_of(mixed_otherwise, " cat")] += 0.5F;
  CHECK(difference(*hashed_before, *parsed(mixed_otherwise)).moved == std::vector<std::string>{" cat", "cats"});
}

TEST_CASE("entries with a space mean another thing in a dictionary of other kinds, so all of them have moved") {
  DictionaryContents contents = test::small_contents({"a", "a b"}, test::small_cells());
  const auto words = parsed(contents);
  contents.ngrams.bigrams = true;
  CHECK(difference(*words, *parsed(contents)).moved == std::vector<std::string>{"a b"});
  CHECK(difference(*words, *words).words().empty());
}
