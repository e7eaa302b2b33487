// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/query_builder.h"

#include <cmath>

#include "analyzers/errors.h"
#include "tests/support/index.h"
#include "tests/support/support.h"
#include "tests/support/text.h"

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

TEST_CASE("a metadata field filters by name, any other text is a term") {
  AnalyzerSettings settings;
  settings.metadata = {{"section", "XSECTION", std::nullopt, false}};
  const QueryBuilder builder = builder_with(settings);
  CHECK(builder.filter("section:games").get_description() == "Query(XSECTIONgames)");
  CHECK(builder.filter("section:Games").get_description() == "Query(XSECTION:Games)");
  CHECK(builder.filter("XSECTIONgames").get_description() == "Query(XSECTIONgames)");
  CHECK(builder.filter("other:games").get_description() == "Query(other:games)");
  CHECK_THROWS_AS(builder.filter(""), InvalidArgument);
}

TEST_CASE("texts that are too long are refused, all others taken") {
  const QueryBuilder builder = builder_with();
  const std::string too_long(kMaxQueryBytes + 1, 'a');
  CHECK_THROWS_AS(builder.words(too_long), InvalidArgument);
  CHECK_THROWS_AS(builder.vector(too_long), InvalidArgument);
  CHECK_THROWS_AS(builder.coverage(too_long), InvalidArgument);
  CHECK_NOTHROW(builder.words(std::string(kMaxQueryBytes, 'a')));
}

TEST_CASE("plain words are at most as many as those of the query language, stop words aside") {
  AnalyzerSettings settings;
  settings.stop_words = {"the"};
  const QueryBuilder builder = builder_with(std::move(settings));
  std::string words;
  for (std::size_t i = 0; i < kMaxQueryWords; ++i) words += "the w" + std::to_string(i) + " ";
  CHECK(builder.words(words).get_length() == kMaxQueryWords);
  CHECK(test::message_of<InvalidArgument>([&] { builder.words(words + "more"); }) ==
        "query must have at most 1000 words; had 1001");
}

TEST_CASE("a text's vector ignores the order of its words, and unknown words give none") {
  const QueryBuilder builder = builder_with();
  CHECK(builder.vector("Apple pear") == builder.vector("pear, apple!"));
  CHECK_FALSE(builder.vector("something else"));
}

TEST_CASE("coverage counts each word once") {
  const QueryBuilder builder = builder_with();
  CHECK(builder.coverage("apple pear") == 1);
  CHECK(builder.coverage("Apple, apple, apple and stones!") == doctest::Approx(1.0 / 3));
  CHECK(builder.coverage("stones") == 0);
  CHECK(builder.coverage("...") == 0);
}

TEST_CASE("combined vectors are their weighted sum at norm 1") {
  const UnitVector x{1, 0};
  const UnitVector y{0, 1};
  const auto both = QueryBuilder::combined(std::vector<WeightedVector>{{3, x}, {4, y}});
  REQUIRE(both);
  CHECK((*both)[0] == doctest::Approx(0.6));
  CHECK((*both)[1] == doctest::Approx(0.8));
  CHECK(QueryBuilder::combined(std::vector<WeightedVector>{{-2, x}}) == UnitVector{-1, 0});
}

TEST_CASE("combined vectors that cancel each other out give nothing") {
  const UnitVector a = *builder_with().vector("apple");
  UnitVector nearly = a;
  nearly[0] = std::nextafter(nearly[0], 1.0F);
  CHECK_FALSE(QueryBuilder::combined({}));
  CHECK_FALSE(QueryBuilder::combined(std::vector<WeightedVector>{{1, a}, {-1, a}}));
  CHECK_FALSE(QueryBuilder::combined(std::vector<WeightedVector>{{1, a}, {-1, nearly}}));
  CHECK_THROWS_WITH_AS(QueryBuilder::combined(std::vector<WeightedVector>{{1, {1, 0}}, {1, {1, 0, 0}}}),
                       "vectors to be combined must have 2 dimensions; one had 3", InvalidArgument);
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

TEST_CASE("the vector of a document whose slot has sign bits is the embedding of its terms") {
  AnalyzerSettings settings;
  settings.codec = VectorCodec::kSignBits;
  const auto dictionary = test::small_dictionary({"apple", "pear"});
  const auto embedder = std::make_shared<const DocumentEmbedder>(dictionary, new_record(*dictionary, settings));
  const QueryBuilder builder(embedder);
  const auto database = test::index_of({"apple pear pear", "nothing known"}, embedder);
  CHECK(builder.vector(database.get_document(1)) == builder.vector("apple pear pear"));
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
