// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/analyzer_settings.h"

#include "analyzers/errors.h"
#include "index/indexer.h"
#include "index/writing/corpus.h"
#include "plugin/document_embedder.h"
#include "plugin/xapian_tokenizer.h"
#include "tests/support/corpus.h"
#include "tests/support/text.h"

using namespace vecterm;

namespace {

std::string refusal(const std::string& text) {
  return test::message_of<InvalidArgument>([&] { DocumentField::parse(text); });
}

AnalyzerSettings settings_with(DocumentFields fields) {
  AnalyzerSettings settings;
  settings.fields = std::move(fields);
  return settings;
}

/// A line with some of the fields that are asked for, and others.
nlohmann::json random_item(test::Random& random, int number) {
  nlohmann::json item{{"_id", number}};
  for (const std::string name : {"title", "text", "boards", "queries", "captions"}) {
    if (random.below(4) == 0) continue;
    item[name] = test::random_words(random, random.below(6)) + (random.below(3) == 0 ? "C++ Éa. 東京都に住む" : "");
    if (name == "title" || name == "text" || random.below(2) == 0) continue;
    item[name] = nlohmann::json::array();
    for (std::size_t i = random.below(4); i > 0; --i) item[name].push_back(test::random_words(random, random.below(4)));
  }
  return item;
}

DocumentFields random_fields(test::Random& random) {
  DocumentFields fields;
  for (const std::string name : {"queries", "title", "none", "boards", "text"})
    if (random.below(3) > 0) fields.push_back({name, static_cast<std::uint32_t>(1 + random.below(5))});
  return fields.empty() ? default_fields() : fields;
}

}  // namespace

TEST_CASE("a field's text is read as it is written") {
  for (const DocumentField& field : DocumentFields{{"title"}, {"boards", 12}, {"a:b"}, {"a:b", 7}, {"title", 1000}})
    CHECK(DocumentField::parse(field.text()) == field);
  CHECK(fields_text({{"title", 2}, {"text"}}) == "title:2,text");
}

TEST_CASE("a field without a name, with an odd weight, or of a key that holds no text is refused") {
  const std::string weight = "fields: the weight of \"title\" must be a whole number in [1, 1000]; was ";
  for (const std::string odd : {"0", "-1", "1.5", "1001", "x", "", " 1"})
    CHECK(refusal("title:" + odd) == weight + "\"" + odd + "\"");
  CHECK(refusal("") == "fields: a field has no name");
  CHECK(refusal(":2") == "fields: a field has no name");
  CHECK(refusal("_id") == "fields: \"_id\" holds no text");
  CHECK(refusal("metadata:2") == "fields: \"metadata\" holds no text");
  CHECK(test::message_of<InvalidArgument>([] {
          check_fields({{"text"}, {"title"}, {"text", 2}});
        }) == "fields: \"text\" is there twice");
  CHECK_THROWS_AS(check_fields({}), InvalidArgument);
}

TEST_CASE("an index remembers its fields, and a record without any means title and text") {
  const auto dictionary = test::corpus_dictionary();
  const IndexRecord plain = new_record(*dictionary);
  CHECK(plain.to_json().find("fields") == std::string::npos);
  CHECK(IndexRecord::from_json(plain.to_json()).settings.fields == default_fields());
  const IndexRecord record = new_record(*dictionary, settings_with({{"queries", 3}, {"text"}}));
  CHECK(IndexRecord::from_json(record.to_json()) == record);
  for (const std::string damaged : {"[]", "[7]", "[\"text:0\"]", "{}", "\"text:x\"", "[\"text\",\"text\"]"}) {
    auto json = nlohmann::json::parse(record.to_json());
    json["settings"]["fields"] = nlohmann::json::parse(damaged);
    CHECK_THROWS_AS(IndexRecord::from_json(json.dump()), Damaged);
  }
}

TEST_CASE("training and indexing make the same terms of any item's fields") {
  const test::IndexFixture fixture;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    test::Random random(seed);
    const DocumentFields fields = random_fields(random);
    std::vector<std::string> lines;
    std::string text;
    for (int i = 0; i < 50; ++i) text += lines.emplace_back(random_item(random, i).dump()) + "\n";
    const std::string path = fixture.directory / ("db" + std::to_string(seed));
    const auto corpus = fixture.corpus(text);
    index_corpora(path, fixture.dictionary, {corpus}, settings_with(fields), test::small_batches(1000, 1));
    const Xapian::Database database(path);
    for (Xapian::docid docid = 1; docid <= lines.size(); ++docid) {
      CAPTURE(lines[docid - 1]);
      const CorpusDocument document = parse_corpus_line(lines[docid - 1], "here", fields);
      for (const bool bigrams : {false, true})
        REQUIRE(XapianTokenizer(bigrams).terms(document.texts(fields)) ==
                raw_terms(database.get_document(docid), bigrams));
    }
  }
}

TEST_CASE("a weight is what each word adds to its wdf, and values of a list are no neighbours") {
  const test::IndexFixture fixture;
  const std::string line = R"({"_id":"a","title":"w1 w2","text":"w9","queries":["w1","w2 w3"]})";
  index_corpora(fixture.directory / "db", fixture.dictionary, {test::write_file(fixture.directory / "c.jsonl", line)},
                settings_with({{"queries", 3}, {"title"}}));
  const auto documents = test::stored_documents(fixture.directory / "db");
  using Term = test::StoredDocument::Term;
  std::vector<Term> words;
  for (const Term& term : documents.at(1).terms)
    if (term.term.starts_with('w')) words.push_back(term);
  CHECK(words == std::vector<Term>{{"w1", 4, {1, 204}}, {"w2", 4, {102, 205}}, {"w3", 3, {103}}});
}

TEST_CASE("a field of another type stops indexing with its line") {
  const test::IndexFixture fixture;
  const auto corpus = test::write_file(fixture.directory / "c.jsonl",
                                       "{\"_id\":\"a\",\"queries\":\"w1\"}\n{\"_id\":\"b\",\"queries\":{\"w1\":2}}\n");
  CHECK(test::message_of<DataError>([&] {
          index_corpora(fixture.directory / "db", fixture.dictionary, {corpus}, settings_with({{"queries"}}));
        }).ends_with("c.jsonl, line 2: \"queries\" must be a string or a list of strings; was object"));
}
