// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyzers/training/judge/text_vectors.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/labels.h"
#include "tests/support/support.h"

using namespace vecterm;

TEST_CASE("texts become rows of norm 1, and zeros where no word is known") {
  const Embedder embedder(test::axes_dictionary());
  const test::SpaceTokenizer tokenizer;
  const std::vector<std::string_view> texts{"x", "unknown", "", "z z unknown"};
  const TextVectors vectors = embed_texts(embedder, tokenizer, texts, 1);
  CHECK(vectors.size() == 4);
  CHECK(vectors.units == std::vector<float>{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(vectors.has_vector(0));
  CHECK(!vectors.has_vector(1));
  CHECK(vectors.without_vector == 2);
  CHECK(vectors.words == 5);
  CHECK(vectors.known_words == 3);
  CHECK(vectors.coverage() == doctest::Approx(0.6));
}

TEST_CASE("rows are those of the embedder for any number of threads") {
  const Embedder embedder(test::axes_dictionary());
  const test::SpaceTokenizer tokenizer;
  std::vector<std::string> owned;
  for (std::size_t i = 0; i < 300; ++i) owned.push_back(std::string("x ") + (i % 3 == 0 ? "y" : "z z") + " other");
  const std::vector<std::string_view> texts(owned.begin(), owned.end());
  const TextVectors vectors = embed_texts(embedder, tokenizer, texts, 3);
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(std::ranges::equal(vectors.row(i), *embedder.embed(tokenizer.terms(texts[i]))));
}

TEST_CASE("no texts have no words to know") {
  const TextVectors vectors = embed_texts(Embedder(test::axes_dictionary()), test::SpaceTokenizer(), {});
  CHECK(vectors.size() == 0);
  CHECK(vectors.coverage() == 0);
}
