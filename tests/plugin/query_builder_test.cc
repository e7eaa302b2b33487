// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query_builder.h"

#include "analyzers/errors.h"
#include "tests/plugin/support_index.h"
#include "tests/support.h"

using namespace vecterm;

namespace {

QueryBuilder builder_with(AnalyzerSettings settings = {}) {
  return QueryBuilder(test::embedder_of(test::small_dictionary({"apple", "pear"}), std::move(settings)));
}

}  // namespace

TEST_CASE("plain words are those of Xapian's QueryParser without operators") {
  Xapian::QueryParser stock;
  stock.set_stemmer(Xapian::Stem("en"));
  stock.set_stemming_strategy(Xapian::QueryParser::STEM_SOME);
  for (const std::string text : {"running shoes", "cats AND dogs", "\"a phrase\" -not +must", "C++ (brackets", ""})
    CHECK(builder_with().words(text).get_description() == stock.parse_query(text, 0).get_description());
}

TEST_CASE("query syntax is Xapian's, and what its parser refuses is an invalid argument") {
  CHECK(builder_with().parse_words("apple AND pear").get_description() == "Query((Zappl@1 AND Zpear@2))");
  CHECK_THROWS_WITH_AS(builder_with().parse_words("apple AND"), doctest::Contains("query: "), InvalidArgument);
}

TEST_CASE("a metadata field filters by name, any other text is a term") {
  AnalyzerSettings settings;
  settings.metadata = {{"section", "XSECTION", std::nullopt, false}};
  const QueryBuilder builder = builder_with(settings);
  CHECK(builder.filter("section:games").get_description() == "Query(XSECTIONgames)");
  CHECK(builder.filter("section:Games").get_description() == "Query(XSECTION:Games)");
  CHECK(builder.filter("XSECTIONgames").get_description() == "Query(XSECTIONgames)");
  CHECK(builder.filter("other:games").get_description() == "Query(other:games)");
  CHECK(builder.parse_words("apple section:Games").get_description() == "Query((Zappl@1 FILTER XSECTION:Games))");
  CHECK_THROWS_AS(builder.filter(""), InvalidArgument);
}

TEST_CASE("queries that are too long or too deep are refused before Xapian recurses over them") {
  const QueryBuilder builder = builder_with();
  CHECK_THROWS_AS(builder.words(std::string(QueryBuilder::kMaxQueryBytes + 1, 'a')), InvalidArgument);
  CHECK_THROWS_AS(builder.vector(std::string(QueryBuilder::kMaxQueryBytes + 1, 'a')), InvalidArgument);
  CHECK_THROWS_AS(builder.parse_words(std::string(1000, '(') + "a" + std::string(1000, ')')), InvalidArgument);
  std::string chain = "a";
  while (chain.size() < QueryBuilder::kMaxQueryBytes - 10) chain += " NOT a";
  CHECK_NOTHROW(builder.parse_words(chain));
  std::string words;
  while (words.size() < QueryBuilder::kMaxQueryBytes - 10) words += "w" + std::to_string(words.size()) + " ";
  CHECK_NOTHROW(builder.words(words));
}

TEST_CASE("a text's vector ignores the order of its words, and unknown words give none") {
  const QueryBuilder builder = builder_with();
  CHECK(builder.vector("Apple pear") == builder.vector("pear, apple!"));
  CHECK_FALSE(builder.vector("something else"));
}

TEST_CASE("the vector read from a document is the vector of its text within the codec's rounding") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pear"}));
  const QueryBuilder builder(embedder);
  const auto database = test::index_of({"apple pear pear", "nothing known"}, embedder);
  const auto stored = builder.vector(database.get_document(1));
  REQUIRE(stored);
  CHECK(dot(*stored, *builder.vector("apple pear pear")) == doctest::Approx(1).epsilon(1e-5));
  CHECK_FALSE(builder.vector(database.get_document(2)));
}

TEST_CASE("token queries hold the asked number of probes and refuse other dimensions") {
  const QueryBuilder builder = builder_with();
  const auto unit = *builder.vector("apple");
  CHECK(builder.tokens(unit, 3).get_length() == 3);
  CHECK(builder.tokens(unit, 1000).get_length() == 16);  // all the cells there are
  CHECK_THROWS_WITH_AS(builder.tokens(std::vector<float>(3, 0.5F), 3), "query vector must have 8 dimensions; had 3",
                       InvalidArgument);
}

TEST_CASE("more like this asks for the document's rarest frequent words") {
  AnalyzerSettings settings;
  settings.stemmer = "none";
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pear"}), settings);
  const auto database = test::index_of({"apple common rare rare", "apple common", "common"}, embedder);
  const QueryBuilder builder(embedder);
  CHECK(builder.similar_words(database, database.get_document(1), 2).get_description() == "Query((rare OR apple))");
}
