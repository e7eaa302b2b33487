// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/term_generator.h"

#include <algorithm>
#include <set>

#include "analyzers/errors.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/index.h"
#include "tests/support/support.h"

using namespace vecterm;

namespace {

struct Contents {
  std::vector<std::pair<std::string, Xapian::termcount>> terms;
  std::string value;

  bool operator==(const Contents&) const = default;
};

Contents contents_of(const Xapian::Document& document, Xapian::valueno slot = schema::kVectorSlot) {
  Contents contents;
  for (auto term = document.termlist_begin(); term != document.termlist_end(); ++term)
    contents.terms.emplace_back(*term, term.get_wdf());
  contents.value = document.get_value(slot);
  return contents;
}

std::vector<std::string> tokens_of(const Xapian::Document& document) {
  std::vector<std::string> tokens;
  for (const auto& [term, wdf] : contents_of(document).terms)
    if (term.starts_with("XLSH")) tokens.push_back(term);
  return tokens;
}

Xapian::Document indexed(const std::string& text, const std::shared_ptr<const DocumentEmbedder>& embedder) {
  Xapian::Document document;
  TermGenerator generator(embedder);
  generator.set_document(document);
  generator.index_text(text);
  generator.add_embedding();
  return document;
}

}  // namespace

TEST_CASE("the words of a document are those of Xapian's own TermGenerator, with positions") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pears"}));
  const std::string text = "Apple pears, C++ and pears again. It's node.js!";
  Xapian::Document plain;
  Xapian::TermGenerator stock;
  stock.set_stemmer(Xapian::Stem("en"));
  stock.set_document(plain);
  stock.index_text(text);
  Xapian::Document document = indexed(text, embedder);
  for (const std::string& token : tokens_of(document)) document.remove_term(token);
  document.remove_value(schema::kVectorSlot);
  CHECK(document.serialise() == plain.serialise());
}

TEST_CASE(
    "a stemmer and stopper of the application's own, and text without positions, are as in Xapian's TermGenerator") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pears"}));
  const std::string text = "The apples are pears, and the pears are apples";
  const auto index = [&](auto& generator, const Xapian::Stopper& stopper) {
    generator.set_stemmer(Xapian::Stem("de"));
    generator.set_stopper(&stopper);
    generator.index_text(text, 2, "S");
    generator.increase_termpos();
    generator.index_text_without_positions(text, 3);
    generator.index_text(text);
    return generator.get_document();
  };
  Xapian::SimpleStopper stopper;
  stopper.add("the");
  Xapian::TermGenerator stock;
  stock.set_document({});
  TermGenerator generator(embedder);
  generator.set_document({});
  const Xapian::Document document = index(generator, stopper);
  CHECK(document.serialise() == index(stock, stopper).serialise());
  CHECK(generator.add_embedding());
  CHECK(generator.get_document().get_value(schema::kVectorSlot) == document.get_value(schema::kVectorSlot));
  CHECK_FALSE(document.get_value(schema::kVectorSlot).empty());
}

TEST_CASE("tokens and the marker have wdf 0, and the vector lies in the slot") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pears"}));
  const Xapian::Document document = indexed("apple pears", embedder);
  const auto tokens = tokens_of(document);
  REQUIRE(tokens.size() == 3);  // two cells and the marker
  CHECK(tokens.back() == embedder->record().marker());
  for (const auto& [term, wdf] : contents_of(document).terms)
    if (term.starts_with("XLSH")) CHECK(wdf == 0);
  CHECK(document.get_value(schema::kVectorSlot).size() == 1 + 2 * 8);
}

TEST_CASE("a document without known words carries the marker alone") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple"}));
  for (const std::string text : {"", "unknown words only", "\xff\xfe\x00"}) {
    const Xapian::Document document = indexed(text, embedder);
    CHECK(tokens_of(document) == std::vector<std::string>{embedder->record().marker()});
    CHECK(document.get_value(schema::kVectorSlot).empty());
  }
}

TEST_CASE("embedding from the term list alone gives the same document as indexing") {
  const auto dictionary = test::small_dictionary(test::numbered_words(50), test::small_hyperplanes());
  const auto embedder = test::embedder_of(dictionary);
  test::Random random(2);
  for (int i = 0; i < 100; ++i) {
    const std::string text = test::random_text(random, 80, 30);
    const Xapian::Document document = indexed(text, embedder);
    Xapian::Document stock;
    Xapian::TermGenerator generator;
    generator.set_stemmer(Xapian::Stem("en"));
    generator.set_document(stock);
    generator.index_text(text);
    embedder->apply(stock);
    CHECK(stock.serialise() == document.serialise());
    embedder->apply(stock);
    CHECK_MESSAGE(stock.serialise() == document.serialise(), "a second time changes nothing");
  }
}

TEST_CASE("prefixed and boolean terms do not count for the embedding") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pear"}));
  const Xapian::Document plain = indexed("apple", embedder);
  Xapian::Document document;
  TermGenerator generator(embedder);
  generator.set_document(document);
  generator.index_text("apple");
  generator.index_text("pear", 1, "S");
  document.add_boolean_term("XTAGpear");
  document.add_boolean_term("pear");  // wdf 0: weighs nothing
  generator.add_embedding();
  CHECK(document.get_value(schema::kVectorSlot) == plain.get_value(schema::kVectorSlot));
}

TEST_CASE("a larger wdf counts as more of the same word") {
  const auto embedder = test::embedder_of(test::small_dictionary({"apple", "pear"}));
  const Xapian::Document twice = indexed("apple apple pear", embedder);
  Xapian::Document heavy;
  TermGenerator generator(embedder);
  generator.set_document(heavy);
  generator.index_text("apple", 2);
  generator.index_text("pear");
  generator.add_embedding();
  CHECK(heavy.get_value(schema::kVectorSlot) == twice.get_value(schema::kVectorSlot));
}

TEST_CASE("adding the embedding again after a change replaces tokens and vector") {
  const auto dictionary = test::small_dictionary(test::numbered_words(20), test::small_hyperplanes());
  const auto embedder = test::embedder_of(dictionary);
  Xapian::Document document = indexed("w1 w2", embedder);
  TermGenerator generator(embedder);
  generator.set_document(document);
  generator.index_text("w7 w7 w7");
  generator.add_embedding();
  const Xapian::Document fresh = indexed("w1 w2 w7 w7 w7", embedder);
  CHECK(tokens_of(document) == tokens_of(fresh));
  CHECK(document.get_value(schema::kVectorSlot) == fresh.get_value(schema::kVectorSlot));

  // Words that are all gone leave the marker alone.
  for (const std::string word : {"w1", "w2", "w7"}) document.remove_term(word);
  CHECK_FALSE(embedder->apply(document));
  CHECK(tokens_of(document) == std::vector<std::string>{embedder->record().marker()});
  CHECK(document.get_value(schema::kVectorSlot).empty());
}

TEST_CASE("stop words stay raw terms and get no stem") {
  AnalyzerSettings settings;
  settings.stop_words = {"the"};
  const auto embedder = test::embedder_of(test::small_dictionary({"apple"}), settings);
  const auto contents = contents_of(indexed("the apple", embedder));
  std::set<std::string> terms;
  for (const auto& [term, wdf] : contents.terms) terms.insert(term);
  CHECK(terms.contains("the"));
  CHECK_FALSE(terms.contains("Zthe"));
  CHECK(terms.contains("Zappl"));
}

TEST_CASE("a record survives its JSON, and damage to it is a typed error") {
  AnalyzerSettings settings;
  settings.stop_words = {"a", "b"};
  settings.slot = 7;
  settings.codec = VectorCodec::kInt8;
  settings.metadata = {{"section", "XSECTION", 3, false}, {"size", "", 4, true}};
  const IndexRecord record = new_record(*test::small_dictionary({"apple"}), settings);
  const IndexRecord again = IndexRecord::from_json(record.to_json());
  CHECK(again.to_json() == record.to_json());
  CHECK(again.settings == settings);
  for (const std::string bad : {"", "{}", "[]", "{\"version\":2}", "{\"version\":1,\"dictionary\":5}"})
    CHECK_THROWS_AS(IndexRecord::from_json(bad), Damaged);
}

TEST_CASE("settings that cannot work are refused by name") {
  const auto dictionary = test::small_dictionary({"apple"});
  std::vector<AnalyzerSettings> bad(8);
  bad[0].stemmer = "klingon";
  bad[1].token_prefix = "lsh";
  bad[2].token_prefix = "Q";
  bad[3].metadata = {{"section", "XLSHA", std::nullopt, false}};
  bad[4].metadata = {{"section", "XS", 1001, false}};
  bad[5].metadata = {{"section", "XS", 1002, false}};
  bad[6].metadata = {{"section", "", std::nullopt, false}};
  bad[7].metadata = {{"a", "XA", 1, false}, {"a", "XB", 2, false}};
  for (const AnalyzerSettings& settings : bad) CHECK_THROWS_AS(new_record(*dictionary, settings), InvalidArgument);
}

TEST_CASE("an embedder of another dictionary than the record's is refused") {
  const auto dictionary = test::small_dictionary({"apple"});
  const auto other = test::small_dictionary({"pear"});
  CHECK_THROWS_AS(DocumentEmbedder(other, new_record(*dictionary)), InvalidArgument);
}
