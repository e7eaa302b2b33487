// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/writing/dictionary_fit.h"

#include <doctest/doctest.h>

#include "analyzers/embedding.h"
#include "analyzers/vector_codec.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/generations.h"

using namespace vecterm;

TEST_CASE("what a dictionary is worth for documents: the words that it knows, and how much alike they are") {
  const test::IndexFixture fixture;
  fixture.index(test::corpus_lines(0, 300));
  const std::string path = fixture.directory / "db";
  const DictionaryFit fit = dictionary_fit(path, fixture.dictionary);
  const Xapian::Database database(path);
  const Embedder embedder(fixture.dictionary);
  double words = 0, known = 0, cosines = 0, pairs = 0;
  std::vector<UnitVector> units;
  for (Xapian::docid docid = 1; docid <= database.get_lastdocid(); ++docid) {
    const TermList terms = raw_terms(database.get_document(docid));
    for (const TermCount& term : terms) {
      words += term.wdf;
      known += fixture.dictionary->find(term.term) ? term.wdf : 0;
    }
    if (const auto unit = embedder.embed(terms)) units.push_back(*unit);
  }
  for (const UnitVector& a : units)
    for (const UnitVector& b : units)
      if (&a != &b) cosines += double{dot(a, b)}, ++pairs;
  CHECK(fit.documents == 300);
  CHECK(fit.known == doctest::Approx(known / words));
  CHECK(fit.mean_cosine == doctest::Approx(cosines / pairs).epsilon(1e-3));
}

TEST_CASE("nothing is said of a dictionary that fits, and of another one what to do") {
  CHECK(DictionaryFit{.documents = 9, .known = 0.9, .mean_cosine = 0.1}.warnings().empty());
  CHECK(DictionaryFit{}.warnings().empty());
  const auto few = DictionaryFit{.documents = 9, .known = 0.12, .mean_cosine = 0.1}.warnings();
  REQUIRE(few.size() == 1);
  CHECK(few[0].find("knows only 12 % of the documents' running words") != std::string::npos);
  const auto alike = DictionaryFit{.documents = 9, .known = 0.9, .mean_cosine = 0.86}.warnings();
  REQUIRE(alike.size() == 1);
  CHECK(alike[0].find("(mean cosine 0.86)") != std::string::npos);
}
