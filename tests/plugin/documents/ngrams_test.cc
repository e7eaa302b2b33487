// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>

#include "plugin/explanation.h"
#include "plugin/snippet.h"
#include "tests/support/index.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

/// Knows "cats", "dogs" and "pets", their bigrams, and trigrams that "catz" has.
std::shared_ptr<const DocumentEmbedder> ngram_embedder(bool hashed = false) {
  DictionaryContents contents = test::ngram_contents(
      {"cats", "dogs", "pets", "cats dogs", "dogs cats", " <ca", " cat", " ogs", " gs>"}, test::small_cells());
  if (hashed) contents = test::hashed(std::move(contents));
  AnalyzerSettings settings;
  settings.codec = VectorCodec::kFloat32;
  return test::embedder_of(Dictionary::parse(serialise_dictionary(contents)), settings);
}

std::map<std::string, double> by_word(const std::vector<WordShare>& shares) {
  std::map<std::string, double> words;
  for (const auto& [word, share] : shares) words[word] = share;
  return words;
}

double sum_of(const std::vector<WordShare>& shares) {
  double sum = 0;
  for (const WordShare& word : shares) sum += word.share;
  return sum;
}

}  // namespace

TEST_CASE("a query and a document of the same text have the same embedding, by words, bigrams and trigrams") {
  for (const bool hashed : {false, true}) {
    const auto embedder = ngram_embedder(hashed);
    const QueryBuilder builder(embedder);
    for (const std::string text : {"Cats dogs", "dogs cats dogs", "catz", "pets, catz and dogs cats!"}) {
      const auto database = test::index_of({text}, embedder);
      const auto stored = builder.vector(database.get_document(1)), asked = builder.vector(text);
      REQUIRE(stored);
      CHECK(normalised(*asked) == stored);
    }
    CHECK(builder.vector("cats dogs") != builder.vector("dogs cats"));
    CHECK_FALSE(builder.vector("something else"));
  }
}

TEST_CASE("texts that differ by bigrams alone have other terms to their queries") {
  const QueryBuilder builder(ngram_embedder());
  CHECK(builder.terms("cats dogs") == TermList{{"cats", 1}, {"cats dogs", 1}, {"dogs", 1}});
  CHECK(QueryBuilder(test::embedder_of(test::small_dictionary({"cats"}))).terms("cats dogs") ==
        TermList{{"cats", 1}, {"dogs", 1}});
}

TEST_CASE("coverage is that of words that have a vector, be it by trigrams alone") {
  const QueryBuilder builder(ngram_embedder());
  CHECK(builder.coverage("cats dogs catz something") == 0.75);
  CHECK(builder.coverage("catz") == 1);
}

TEST_CASE("shares of words, bigrams and trigrams sum to the cosine, and only words without a vector are unknown") {
  for (const bool hashed : {false, true}) {
    const auto embedder = ngram_embedder(hashed);
    const QueryBuilder builder(embedder);
    const auto database = test::index_of({"my cats dogs and pets and catz"}, embedder);
    const std::string text = "cats dogs catz zebra";
    const QueryMeaning query{{{.terms = builder.terms(text)}}, *builder.vector(text)};
    const auto explained = explain_cosine(*embedder, query, database.get_document(1));
    REQUIRE(explained);
    CHECK(explained->unknown == std::vector<std::string>{"zebra"});
    const auto words = by_word(explained->query);
    CHECK(words.size() == 4);
    for (const char* entry : {"cats", "cats dogs", "catz", "dogs"}) CHECK(words.contains(entry));
    const auto document = by_word(explained->document);
    CHECK(document.size() == 5);
    CHECK(document.contains("cats dogs"));
    CHECK(document.contains("catz"));
    CHECK(sum_of(explained->query) == doctest::Approx(explained->cosine).epsilon(1e-6));
    CHECK(sum_of(explained->document) == doctest::Approx(explained->cosine).epsilon(1e-6));
    CHECK(std::abs(explained->document_rounding) < 1e-6);
  }
}

TEST_CASE("the share of an unknown word is that of its trigrams") {
  const auto embedder = ngram_embedder();
  const Dictionary& dictionary = embedder->embedder().dictionary();
  const QueryBuilder builder(embedder);
  const auto database = test::index_of({"pets"}, embedder);
  const QueryMeaning query{{{.terms = builder.terms("catz dogs")}}, *builder.vector("catz dogs")};
  const auto explained = explain_cosine(*embedder, query, database.get_document(1));
  REQUIRE(explained);
  std::vector<double> trigrams(8), all(8);
  CHECK(dictionary.add_subwords("catz", 1, trigrams));
  for (const TermCount& term : query.parts[0].terms) embedder->embedder().add(term, all);
  const auto other = *builder.vector("pets");
  double product = 0, squares = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    product += trigrams[i] * static_cast<double>(other[i]);
    squares += all[i] * all[i];
  }
  CHECK(by_word(explained->query).at("catz") == doctest::Approx(product / std::sqrt(squares)).epsilon(1e-5));
}

TEST_CASE("snippets highlight known words by meaning, and unknown ones where they are in the query") {
  const auto embedder = ngram_embedder();
  const QueryBuilder builder(embedder);
  SnippetOptions options;
  options.min_similarity = 0.01;
  const auto made = snippet(*embedder, "catz and cats", builder.words("catz"), *builder.vector("cats"), options);
  REQUIRE(made.highlights.size() == 2);
  CHECK_FALSE(made.highlights[0].semantic);
  CHECK(made.highlights[1].semantic);
}
